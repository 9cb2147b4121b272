#include <capstan/core/net/server/request_head.hpp>

#include <algorithm>
#include <cctype>

#include <Poco/Net/IPAddress.h>

#include <capstan/core/base/text.hpp>

namespace capstan::net {
namespace {

Failure HeadRefused(int status, std::string why) {
  return Fail(status == 400 ? Code::kInvalidArgument : Code::kTooLarge, std::move(why), Sent::kNo, status);
}

// Malformed data proves that this is not a request; a failed read proves nothing.
Failure Judged(Error error, int too_long) {
  if (error.code == Code::kTooLarge) return HeadRefused(too_long, std::move(error.message));
  if (error.code == Code::kDataLoss || error.code == Code::kInvalidArgument)
    return HeadRefused(400, std::move(error.message));
  return Fail(std::move(error));
}

Result<std::string> ReadLine(BufferedReader& reader, Instant until) {
  auto line = reader.Line(kHeadLimit, until);
  // RFC 9112 2.2: an empty line before the request is ignored.
  if (line && line->empty()) line = reader.Line(kHeadLimit, until);
  if (!line) return Judged(std::move(line).error(), 414);
  return std::string(*line);
}

// The one Host field of the request; "" if an HTTP/1.0 client sends none.
Result<std::string> HostOf(const http::Headers& headers, int minor) {
  std::optional<std::string> host;
  for (const auto& [name, value] : headers.fields()) {
    if (!EqualsIgnoreCase(name, "Host")) continue;
    if (host) return HeadRefused(400, "the request names two Hosts");
    host = value;
  }
  if (!host && minor > 0) return HeadRefused(400, "the request names no Host");
  if (host && !IsAuthority(*host)) return HeadRefused(400, "the request names no valid Host");
  return host.value_or("");
}

// "scheme://authority/path" of the target, which is in origin or absolute form.
Result<std::string> UrlOf(const std::string& target, const std::string& host, const std::string& origin) {
  const auto scheme = origin.substr(0, origin.find("://") + 3);
  std::string text = target;
  if (target.front() == '/') {
    text = (host.empty() ? origin : scheme + host) + target;
  } else {
    const auto begin = target.find("://");
    const auto authority =
        begin == std::string::npos ? std::string_view() : std::string_view(target).substr(begin + 3);
    if (!IsAuthority(authority.substr(0, authority.find_first_of("/?"))))
      return HeadRefused(400, "the request names no valid URL");
  }
  if (!http::ParseUrl(text)) return HeadRefused(400, "the request names no valid URL");
  return text;
}

bool IsHostCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("-._~!$&'()*+,;=%").find(c) != std::string_view::npos;
}

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool IsAuthority(std::string_view text) {
  if (text.empty()) return false;
  std::string_view rest;
  if (text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return false;
    const std::string inner(text.substr(1, close - 1));
    Poco::Net::IPAddress address;
    if (inner.find(':') == std::string::npos || inner.find('%') != std::string::npos ||
        !Poco::Net::IPAddress::tryParse(inner, address))
      return false;
    rest = text.substr(close + 1);
  } else {
    const auto colon = text.find(':');
    const auto host = text.substr(0, colon);
    if (host.empty() || !std::all_of(host.begin(), host.end(), IsHostCharacter)) return false;
    rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  return rest.empty() || (rest.front() == ':' && IsPort(rest.substr(1)));
}

Result<RequestHead> ReadRequestHead(BufferedReader& reader, const std::string& origin, Instant until) {
  CAPSTAN_TRY(const std::string first, ReadLine(reader, until));
  auto line = ParseRequestLine(first);
  if (!line) return Judged(std::move(line).error(), 414);
  auto headers = ReadFields(reader, until);
  if (!headers) return Judged(std::move(headers).error(), 431);
  RequestHead head;
  head.minor = line->minor;
  head.keeps_alive = KeepsAlive(*headers, line->minor);
  auto frame = FrameOf(*headers, line->minor);
  if (!frame) return Judged(std::move(frame).error(), 400);
  head.frame = *frame;
  // A request without a length has no body; the end of the connection does not delimit it.
  if (head.frame.framing == Framing::kUntilClose) head.frame.framing = Framing::kNone;
  CAPSTAN_TRY(const std::string host, HostOf(*headers, line->minor));
  CAPSTAN_TRY(head.request.url, UrlOf(line->target, host, origin));
  head.request.method = std::move(line->method);
  head.request.headers = std::move(*headers);
  return head;
}

}  // namespace capstan::net
