#include <capstan/core/managed/steps/judge.hpp>

namespace capstan::managed {
namespace {

// Codes that only somebody who read the request and decided against it can give.
bool IsDecision(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kConflict:
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
    case Code::kResourceExhausted:
    case Code::kTooLarge:
    case Code::kUnsupportedMedia:
    case Code::kUnimplemented:
    case Code::kFailedPrecondition:
    case Code::kGone:
      return true;
    case Code::kCancelled:
    case Code::kDeadlineExceeded:
    case Code::kUnavailable:
    case Code::kDataLoss:
    case Code::kInternal:
      return false;
  }
  return false;
}

bool CertainlyNotMade(const Error& error) {
  if (error.http_status != 0) {
    // 408 says that the server gave up waiting for us; what it had begun nobody knows.
    return error.http_status >= 400 && error.http_status < 500 && error.http_status != 408;
  }
  if (error.sent == Sent::kNo) return true;
  return error.sent == Sent::kYes && IsDecision(error.code);  // a cloud that does not speak HTTP
}

}  // namespace

Fate JudgeMaking(const external::Outcome& outcome) {
  switch (outcome.verdict) {
    case external::Verdict::kDone:
      return outcome.id.empty() ? Fate::kUnknown : Fate::kMade;
    case external::Verdict::kRejected:
    case external::Verdict::kWait:
    case external::Verdict::kNotFound:
      return outcome.error && CertainlyNotMade(*outcome.error) ? Fate::kNotMade : Fate::kUnknown;
    case external::Verdict::kUnknown:
      return Fate::kUnknown;
  }
  return Fate::kUnknown;
}

}  // namespace capstan::managed
