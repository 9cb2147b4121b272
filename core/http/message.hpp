// Request and Response: one HTTP exchange as values. Values; thread-safety of values.
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

// Header fields in order; names compare without regard to case (RFC 9110 5.1).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  // The first value, or nothing.
  std::optional<std::string_view> Get(std::string_view name) const;
  // Replaces every field of that name by one.
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
  std::string authority() const;   // host:port, brackets around IPv6, default ports left out
  std::string ToString() const;
};
// Errors: kInvalidArgument naming the text (user information is refused: credentials do not belong
// in URLs).
Result<Url> ParseUrl(std::string_view text);

// Name and value of each pair of a query string, decoded, in order; malformed escapes are kept as
// they stand.
std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view query);
std::string QueryValue(std::string_view query, std::string_view name, std::string_view otherwise = "");
// "a=1&b=2" with both sides percent-encoded.
std::string BuildQuery(const std::vector<std::pair<std::string, std::string>>& pairs);

struct Request {
  std::string method;  // upper case
  std::string url;     // absolute
  Headers headers;
  std::string body;
  // Response bodies longer than this are refused with kTooLarge before they are held; streams are
  // not limited by it.
  std::size_t response_limit = std::size_t{64} << 20;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

// A failed HTTP answer as an Error: code by status, `what` before the server's message,
// Retry-After, x-request-id. It understands no body; callers put the server's own words into
// message and reason.
Error ErrorFromStatus(const Response& response, std::string_view what);
Code CodeFromStatus(int status);

}  // namespace capstan::http
