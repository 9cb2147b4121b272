#include <capstan/core/http/message.hpp>

#include <algorithm>
#include <cstdlib>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/retry_after.hpp>

namespace capstan::http {

std::optional<std::string_view> Headers::Get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (EqualsIgnoreCase(key, name)) return std::string_view(value);
  }
  return std::nullopt;
}

void Headers::Set(std::string_view name, std::string value) {
  Remove(name);
  Add(name, std::move(value));
}

void Headers::Add(std::string_view name, std::string value) {
  // Nearly every message has fewer fields, and growing moves all of them.
  if (fields_.empty()) fields_.reserve(12);
  fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::Remove(std::string_view name) {
  std::erase_if(fields_, [name](const auto& field) { return EqualsIgnoreCase(field.first, name); });
}

std::string_view Url::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view Url::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::string Url::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (scheme == "https" ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string Url::ToString() const { return scheme + "://" + authority() + target; }

Result<Url> ParseUrl(std::string_view text) {
  const auto bad = [text](std::string_view why) {
    return Fail(Code::kInvalidArgument, StrCat("\"", Shorten(text, 200), "\" is not a usable URL: ", why));
  };
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return bad("it must start with http:// or https://");
  url.scheme = ToLower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") return bad("only http and https are supported");
  std::string_view rest = text.substr(colon + 3);
  const std::size_t slash = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, slash);
  url.target = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  if (url.target.front() == '?') url.target.insert(0, "/");
  if (url.target.find('#') != std::string::npos) return bad("it must not have a fragment");
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; })) {
    return bad("it contains blanks or control characters");
  }
  if (authority.find('@') != std::string_view::npos) return bad("credentials do not belong in a URL");
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return bad("the bracket of the IPv6 address is not closed");
    url.host = ToLower(authority.substr(1, end - 1));
    port = authority.substr(end + 1);
  } else {
    const std::size_t mark = authority.find(':');
    url.host = ToLower(authority.substr(0, mark));
    port = mark == std::string_view::npos ? std::string_view() : authority.substr(mark);
  }
  if (url.host.empty()) return bad("it names no host");
  url.port = url.scheme == "https" ? 443 : 80;
  if (!port.empty()) {
    if (port.front() != ':' || port.size() < 2 || port.size() > 6 ||
        port.find_first_not_of("0123456789", 1) != std::string_view::npos) {
      return bad("the port is not a number");
    }
    const long number = std::strtol(std::string(port.substr(1)).c_str(), nullptr, 10);
    if (number < 1 || number > 65535) return bad("the port is out of range");
    url.port = static_cast<std::uint16_t>(number);
  }
  return url;
}

std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto decode = [](std::string_view text) {
    std::string decoded;
    return UrlDecode(text, true, decoded) ? decoded : std::string(text);
  };
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    pairs.emplace_back(decode(pair.substr(0, equals)),
                       equals == std::string_view::npos ? std::string() : decode(pair.substr(equals + 1)));
  }
  return pairs;
}

std::string QueryValue(std::string_view query, std::string_view name, std::string_view otherwise) {
  for (auto& [key, value] : ParseQuery(query)) {
    if (key == name) return value;
  }
  return std::string(otherwise);
}

std::string BuildQuery(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string query;
  for (const auto& [key, value] : pairs) {
    if (!query.empty()) query += '&';
    query += UrlEncode(key) + "=" + UrlEncode(value);
  }
  return query;
}

Code CodeFromStatus(int status) {
  switch (status) {
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kNotFound;
    case 405:
      return Code::kUnimplemented;
    case 406:
    case 415:
      return Code::kUnsupportedMedia;
    case 408:
    case 504:
      return Code::kDeadlineExceeded;
    case 409:
      return Code::kConflict;
    case 410:
      return Code::kGone;
    case 412:
      return Code::kFailedPrecondition;
    case 413:
      return Code::kTooLarge;
    case 429:
      return Code::kResourceExhausted;
    case 501:
      return Code::kUnimplemented;
    default:
      break;
  }
  if (status >= 400 && status < 500) return Code::kInvalidArgument;
  if (status >= 500) return Code::kUnavailable;
  return Code::kDataLoss;  // a redirect or an informational response in place of a result
}

Error ErrorFromStatus(const Response& response, std::string_view what) {
  Error error =
      MakeError(CodeFromStatus(response.status), StrCat(what, ": the server answered ", response.status),
                Sent::kYes, response.status);
  if (const auto id = response.headers.Get("x-request-id")) error.request_id = std::string(*id);
  error.retry_after = RetryAfter(response.headers, "retry-after", ServerTime(response.headers));
  return error;
}

}  // namespace capstan::http
