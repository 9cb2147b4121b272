#include <capstan/core/base/result.hpp>

namespace capstan {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kCancelled:
      return "cancelled";
    case Code::kInvalidArgument:
      return "invalid_argument";
    case Code::kNotFound:
      return "not_found";
    case Code::kAlreadyExists:
      return "already_exists";
    case Code::kConflict:
      return "conflict";
    case Code::kGone:
      return "gone";
    case Code::kUnauthenticated:
      return "unauthenticated";
    case Code::kPermissionDenied:
      return "permission_denied";
    case Code::kResourceExhausted:
      return "resource_exhausted";
    case Code::kTooLarge:
      return "too_large";
    case Code::kUnsupportedMedia:
      return "unsupported_media";
    case Code::kUnimplemented:
      return "unimplemented";
    case Code::kFailedPrecondition:
      return "failed_precondition";
    case Code::kDeadlineExceeded:
      return "deadline_exceeded";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kDataLoss:
      return "data_loss";
    case Code::kInternal:
      return "internal";
  }
  return "internal";
}

RetryClass RetryClassOf(Code code) {
  switch (code) {
    case Code::kCancelled:
      return RetryClass::kStop;
    case Code::kConflict:
    case Code::kGone:
      return RetryClass::kAtOnce;
    case Code::kInvalidArgument:
    case Code::kAlreadyExists:
    case Code::kTooLarge:
    case Code::kUnsupportedMedia:
    case Code::kUnimplemented:
      return RetryClass::kNever;
    case Code::kNotFound:
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
    case Code::kResourceExhausted:
    case Code::kFailedPrecondition:
    case Code::kDeadlineExceeded:
    case Code::kUnavailable:
    case Code::kDataLoss:
    case Code::kInternal:
      return RetryClass::kBackoff;
  }
  return RetryClass::kBackoff;
}

std::ostream& operator<<(std::ostream& out, Code code) { return out << CodeName(code); }

std::ostream& operator<<(std::ostream& out, const Error& error) {
  out << CodeName(error.code) << ": " << error.message;
  if (!error.request_id.empty()) out << " (request " << error.request_id << ")";
  return out;
}

Failure Annotate(Error error, std::string_view context) {
  error.message = std::string(context) + ": " + error.message;
  return Failure(std::move(error));
}

}  // namespace capstan
