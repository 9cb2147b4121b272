// Result<T> is what every function that can fail returns: the value, or an Error with a code from a
// closed list.
//
// An exception of a library stops in the file that calls the library and becomes an Error there.
// Results and errors are plain values: copy them, and share them between threads as any value.
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

// What went wrong. The list is closed: a switch over it is complete, and each code has one
// RetryClass.
enum class Code : std::int32_t {
  kCancelled = 1,    // the caller gave up: its context was stopped. Never retried in place, never dropped.
  kInvalidArgument,  // the request can never succeed as it is: 400, 422, a malformed document
  kNotFound,         // 404: the server does not know the object
  kAlreadyExists,    // 409 AlreadyExists: the name is taken
  kConflict,  // 409 Conflict: the object changed since it was read (resourceVersion, test of a JSON patch)
  kGone,      // 410: the resourceVersion or continue token is too old; list again
  kUnauthenticated,     // 401: the credentials are missing, wrong or expired
  kPermissionDenied,    // 403: known, but not allowed
  kResourceExhausted,   // 429: a quota is used up; Error::retry_after is the wait, if the server gave one
  kTooLarge,            // 413, or a limit of ours on sizes and depth
  kUnsupportedMedia,    // 415, 406: the server does not speak this content type
  kUnimplemented,       // the operation is not offered here: 405, 501, an optional slot a plugin left empty
  kFailedPrecondition,  // the system is not in the state this needs; another party has to change it first
  kDeadlineExceeded,    // the context's deadline passed, or a timeout of the other side (504)
  kUnavailable,         // could not be reached, or 500, 502, 503: may work later
  kDataLoss,            // an answer was cut, malformed or inconsistent: do not use what arrived
  kInternal,            // a bug on our side, caught
};

// Stable lower-case name, such as "not_found"; used in logs, metrics and JSON.
std::string_view CodeName(Code code);

// What to do about it, for a caller that knows nothing more.
enum class RetryClass {
  kNever,    // nothing changes until the input or the credentials change
  kBackoff,  // try again, later each time
  kAtOnce,   // read again and try again (conflict, gone)
  kStop,     // we are shutting down
};
RetryClass RetryClassOf(Code code);

// Whether bytes of a request may have left this process. Decides whether a create may have
// happened.
enum class Sent : std::int32_t {
  kNo = 0,     // nothing left this process
  kMaybe = 1,  // something may have left, and no complete answer came back
  kYes = 2,    // the other side answered
};

// Why an operation failed, for people: which object, what happened, what to do next.
struct Error {
  Code code = Code::kInternal;
  std::string message;     // one sentence, no secrets
  Sent sent = Sent::kNo;   // for errors of requests
  int http_status = 0;     // 0: no HTTP answer
  std::string reason;      // the server's machine-readable reason ("AlreadyExists", "unprocessable_entity")
  std::string request_id;  // the server's id for the request, to quote to its operators
  std::optional<std::chrono::nanoseconds> retry_after;  // how long the server asks to wait

  friend bool operator==(const Error&, const Error&) = default;
};
std::ostream& operator<<(std::ostream& out, const Error& error);
std::ostream& operator<<(std::ostream& out, Code code);

template <class T>
using Result = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;
using Failure = tl::unexpected<Error>;

// An error to keep, or to give a reason or a wait before it is handed on.
[[nodiscard]] inline Error MakeError(Code code, std::string message, Sent sent = Sent::kNo,
                                     int http_status = 0) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.sent = sent;
  error.http_status = http_status;
  return error;
}

// The failure that a function returns. `sent` and `http_status` are for errors of requests.
[[nodiscard]] inline Failure Fail(Code code, std::string message, Sent sent = Sent::kNo,
                                  int http_status = 0) {
  return Failure(MakeError(code, std::move(message), sent, http_status));
}
[[nodiscard]] inline Failure Fail(Error error) { return Failure(std::move(error)); }

// The same error with "context: " before its message; everything else is kept.
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
