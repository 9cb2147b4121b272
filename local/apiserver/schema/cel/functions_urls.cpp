// URLs: url().
#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/kinds.hpp>

namespace capstan::apiserver::cel {
namespace {

// An absolute URI or an absolute path.
struct Url {
  std::string scheme, host, path, query;
};

std::optional<Url> ParseUrlText(std::string_view text) {
  Url url;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < ' ' || text[i] == 0x7F) return std::nullopt;
    const auto hex = [&](std::size_t at) {
      return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
    };
    if (text[i] == '%' && text.find('?') > i && (!hex(i + 1) || !hex(i + 2))) return std::nullopt;
  }
  text = text.substr(0, text.find('#'));
  const std::size_t query = text.find('?');
  if (query != std::string_view::npos) url.query = text.substr(query + 1);
  text = text.substr(0, query);
  const std::size_t colon = text.find(':');
  if (!text.empty() && text[0] == '/') {
    url.path = text;
    return url;
  }
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  for (const char c : text.substr(0, colon)) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '+' || c == '-' || c == '.';
    if (!fits) return std::nullopt;
  }
  if (text[0] >= '0' && text[0] <= '9') return std::nullopt;
  url.scheme = ToLower(text.substr(0, colon));
  text = text.substr(colon + 1);
  if (text.substr(0, 2) == "//") {
    text = text.substr(2);
    const std::size_t slash = std::min(text.find('/'), text.size());
    std::string_view authority = text.substr(0, slash);
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) authority = authority.substr(at + 1);
    const std::size_t port = authority.rfind(':');
    if (port != std::string_view::npos && authority.find(']', port) == std::string_view::npos &&
        authority.find_first_not_of("0123456789", port + 1) != std::string_view::npos) {
      return std::nullopt;
    }
    if (authority.find_first_of(" \\^`{|}") != std::string_view::npos) return std::nullopt;
    url.host = authority;
    text = text.substr(slash);
  }
  url.path = text;
  return url;
}

Result<Value> IsUrl(const Arguments& a, Meter&) { return Bool(ParseUrlText(a[0].text).has_value()); }
Result<Value> MakeUrl(const Arguments& a, Meter&) {
  if (!ParseUrlText(a[0].text)) {
    return Bad(StrCat("URL parse error during conversion from string: parse \"", a[0].text.substr(0, 200),
                      "\": invalid URI for request"));
  }
  Value url = a[0];
  url.kind = Kind::kUrl;
  return url;
}
Url UrlOf(const Value& value) { return ParseUrlText(value.text).value_or(Url()); }
Result<Value> GetScheme(const Arguments& a, Meter&) { return Text(UrlOf(a[0]).scheme); }
Result<Value> GetHost(const Arguments& a, Meter&) { return Text(UrlOf(a[0]).host); }
Result<Value> GetHostname(const Arguments& a, Meter&) {
  std::string host = UrlOf(a[0]).host;
  if (!host.empty() && host[0] == '[') return Text(host.substr(1, host.find(']') - 1));
  return Text(host.substr(0, host.find(':')));
}
Result<Value> GetPort(const Arguments& a, Meter&) {
  const std::string host = UrlOf(a[0]).host;
  const std::size_t colon = host.rfind(':');
  const bool has = colon != std::string::npos && host.find(']', colon) == std::string::npos;
  return Text(has ? host.substr(colon + 1) : "");
}
// A path is returned unchanged when it is escaped correctly; otherwise all of it is escaped.
Result<Value> GetEscapedPath(const Arguments& a, Meter& meter) {
  const std::string path = UrlOf(a[0]).path;
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_.~!$&'()*+,;=:@[]%/").find(c) != std::string_view::npos;
  };
  if (std::all_of(path.begin(), path.end(), plain)) return Text(path);
  CAPSTAN_RETURN_IF_ERROR(meter.Take(3 * path.size()));
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : path) {
    if (plain(c)) {
      escaped += c;
    } else {
      escaped += '%';
      escaped += kDigits[static_cast<unsigned char>(c) >> 4U];
      escaped += kDigits[static_cast<unsigned char>(c) & 0xFU];
    }
  }
  return Text(std::move(escaped));
}

std::string Unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() + 0 &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr == text.data() + i + 3) {
      plain += static_cast<char>(code);
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

Result<Value> GetQuery(const Arguments& a, Meter& meter) {
  const std::string query = UrlOf(a[0]).query;
  CAPSTAN_RETURN_IF_ERROR(meter.Take(query.size() + 1));
  std::vector<std::pair<std::string, std::vector<Value>>> values;
  for (const std::string& piece : query.empty() ? std::vector<std::string>() : Split(query, '&')) {
    if (piece.empty()) continue;
    CAPSTAN_RETURN_IF_ERROR(meter.Charge(values.size() + 1));
    CAPSTAN_RETURN_IF_ERROR(meter.Take(3 * sizeof(Value)));
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const std::string key = Unescaped(std::string_view(piece).substr(0, equals));
    const Value value = Text(Unescaped(std::string_view(piece).substr(std::min(equals + 1, piece.size()))));
    const auto there =
        std::find_if(values.begin(), values.end(), [&](const auto& one) { return one.first == key; });
    if (there != values.end()) {
      there->second.push_back(value);
    } else {
      values.emplace_back(key, std::vector<Value>{value});
    }
  }
  std::vector<std::pair<Value, Value>> fields;
  for (auto& [key, list] : values) fields.emplace_back(Text(key), List(std::move(list)));
  return Map(std::move(fields));
}

}  // namespace

bool IsUrlText(std::string_view text) { return ParseUrlText(text).has_value(); }

std::vector<Function> UrlFunctions() {
  return {
      {"isURL", false, "s", 'b', IsUrl},
      {"url", false, "s", 'U', MakeUrl},
      {"getScheme", true, "U", 's', GetScheme},
      {"getHost", true, "U", 's', GetHost},
      {"getHostname", true, "U", 's', GetHostname},
      {"getPort", true, "U", 's', GetPort},
      {"getEscapedPath", true, "U", 's', GetEscapedPath},
      {"getQuery", true, "U", 'M', GetQuery},
  };
}

}  // namespace capstan::apiserver::cel
