// Result<T> is the return type of every function that can fail: a value, or an Error with a code
// from a closed list.
//
// An exception from a library is caught in the file that calls the library and becomes an Error
// there. Results and Errors are plain values: they can be copied and shared between threads like
// any value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace capstan {

// The kind of failure. The list is closed, so a switch over it is complete; each code has one
// RetryClass.
enum class Code : std::int32_t {
  kCancelled = 1,    // the caller's context was stopped; never retried in place, never dropped
  kInvalidArgument,  // the request cannot succeed unchanged: 400, 422, a malformed document
  kNotFound,         // 404: the server does not know the object
  kAlreadyExists,    // 409 AlreadyExists: the name is taken
  kConflict,  // 409 Conflict: the object changed since it was read (resourceVersion, test of a JSON patch)
  kGone,      // 410: the resourceVersion or continue token is too old; list again
  kUnauthenticated,     // 401: credentials are missing, wrong or expired
  kPermissionDenied,    // 403: authenticated, but not allowed
  kResourceExhausted,   // 429: a quota is used up; Error::retry_after is the server's wait, if any
  kTooLarge,            // 413, or one of our limits on size and depth
  kUnsupportedMedia,    // 415, 406: the server does not support this content type
  kUnimplemented,       // 405, 501, or an optional plugin slot that is empty
  kFailedPrecondition,  // the system is not in the required state; another party must change it first
  kDeadlineExceeded,    // the context's deadline passed, or a timeout on the other side (504)
  kUnavailable,         // unreachable, or 500, 502, 503: a retry may succeed
  kDataLoss,            // a response was cut off, malformed or inconsistent: do not use what arrived
  kInternal,            // a bug in our code, caught
};

// Stable lower-case name, such as "not_found"; used in logs, metrics and JSON.
std::string_view CodeName(Code code);

// How a caller that knows nothing more should handle a code.
enum class RetryClass {
  kNever,    // terminal until the input or the credentials change
  kBackoff,  // retry with increasing delays
  kAtOnce,   // read again and retry immediately (conflict, gone)
  kStop,     // the process is shutting down
};
RetryClass RetryClassOf(Code code);

// Whether bytes of a request may have left this process, and therefore whether a create may have
// taken effect.
enum class Sent : std::int32_t {
  kNo = 0,     // nothing left this process
  kMaybe = 1,  // something may have left, and no complete response arrived
  kYes = 2,    // the other side responded
};

// Why an operation failed, for people: which object, what happened, what to do next.
struct Error {
  Code code = Code::kInternal;
  std::string message;     // one sentence, no secrets
  Sent sent = Sent::kNo;   // for errors of requests
  int http_status = 0;     // 0: no HTTP answer
  std::string reason;      // the server's machine-readable reason ("AlreadyExists", "unprocessable_entity")
  std::string request_id;  // the server's id for the request, for reports to the server's operators
  std::optional<std::chrono::nanoseconds> retry_after;  // how long the server asks clients to wait

  friend bool operator==(const Error&, const Error&) = default;
};
std::ostream& operator<<(std::ostream& out, const Error& error);
std::ostream& operator<<(std::ostream& out, Code code);

template <class T>
using Result = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;
using Failure = tl::unexpected<Error>;

// An error to store, or to extend with a reason or a wait before it is returned.
[[nodiscard]] inline Error MakeError(Code code, std::string message, Sent sent = Sent::kNo,
                                     int http_status = 0) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.sent = sent;
  error.http_status = http_status;
  return error;
}

// A failure to return from a function. `sent` and `http_status` are for errors of requests.
[[nodiscard]] inline Failure Fail(Code code, std::string message, Sent sent = Sent::kNo,
                                  int http_status = 0) {
  return Failure(MakeError(code, std::move(message), sent, http_status));
}
[[nodiscard]] inline Failure Fail(Error error) { return Failure(std::move(error)); }

// The same error with "context: " prepended to its message; all other fields are unchanged.
[[nodiscard]] Failure Annotate(Error error, std::string_view context);

}  // namespace capstan

// CAPSTAN_TRY(declaration, expression) returns the error of `expression` from the calling function,
// or sets `declaration` to its value. CAPSTAN_RETURN_IF_ERROR(expression) only does the first.
#define CAPSTAN_CONCAT_INNER(a, b) a##b
#define CAPSTAN_CONCAT(a, b) CAPSTAN_CONCAT_INNER(a, b)
#define CAPSTAN_TRY(declaration, expression) \
  CAPSTAN_TRY_INNER(CAPSTAN_CONCAT(capstan_result_, __LINE__), declaration, expression)
#define CAPSTAN_TRY_INNER(result, declaration, expression)           \
  auto result = (expression);                                        \
  if (!result) return ::capstan::Failure(std::move(result).error()); \
  declaration = std::move(result).value()
#define CAPSTAN_RETURN_IF_ERROR(expression)                         \
  do {                                                              \
    if (auto capstan_status = (expression); !capstan_status)        \
      return ::capstan::Failure(std::move(capstan_status).error()); \
  } while (false)
