// Request and Response: one HTTP exchange as values; thread-safety of values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::http {

// Header fields in order; names compare case-insensitively (RFC 9110 5.1).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  // The first value, or nothing.
  std::optional<std::string_view> Get(std::string_view name) const;
  // Replaces all fields of that name with one.
  void Set(std::string_view name, std::string value);
  void Add(std::string_view name, std::string value);
  void Remove(std::string_view name);
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// The parts of "scheme://host[:port]/path[?query]". An IPv6 host has no brackets here.
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;
  std::uint16_t port = 0;  // 443 or 80 when the text has none
  std::string target;      // path and query, always starting with '/'

  std::string_view path() const;   // still percent-encoded
  std::string_view query() const;  // without '?'
  std::string authority() const;   // host:port, with brackets around IPv6, without default ports
  std::string ToString() const;
};
// Errors: kInvalidArgument naming the text (user information is rejected: credentials do not belong
// in URLs).
Result<Url> ParseUrl(std::string_view text);

// Name and value of each pair of a query string, decoded, in order; malformed escapes are copied
// unchanged.
std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view query);
std::string QueryValue(std::string_view query, std::string_view name, std::string_view otherwise = "");
// "a=1&b=2" with both sides percent-encoded.
std::string BuildQuery(const std::vector<std::pair<std::string, std::string>>& pairs);

struct Request {
  std::string method;  // upper case
  std::string url;     // absolute
  Headers headers;
  std::string body;
  // Longer response bodies are refused with kTooLarge before they are buffered; does not apply to
  // streams.
  std::size_t response_limit = std::size_t{64} << 20;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

// Converts a failed HTTP response to an Error: the code from the status, `what` before the server's
// message, Retry-After, x-request-id. It does not parse the body; callers put the server's message
// and reason into the Error.
Error ErrorFromStatus(const Response& response, std::string_view what);
Code CodeFromStatus(int status);

}  // namespace capstan::http
