#include <capstan/core/managed/steps/judge.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::managed {
namespace {

// All but kTrouble are decisions: only a server that read the request and decided against it can
// return them. A switch, so that a new code cannot be forgotten.
constexpr ErrorClass Look(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kNotFound:  // an object named in the spec does not exist
    case Code::kAlreadyExists:
    case Code::kConflict:
    case Code::kGone:
    case Code::kTooLarge:
    case Code::kUnsupportedMedia:
    case Code::kUnimplemented:
    case Code::kFailedPrecondition:
      return {Fault::kSpec, Reason::kUpdateRejected};
    case Code::kUnauthenticated:
      return {Fault::kCredentials, Reason::kUnauthenticated};
    case Code::kPermissionDenied:
      return {Fault::kCredentials, Reason::kPermissionDenied};
    case Code::kResourceExhausted:
      return {Fault::kQuota, Reason::kRateLimited};
    case Code::kCancelled:
    case Code::kDeadlineExceeded:
    case Code::kUnavailable:
    case Code::kDataLoss:
    case Code::kInternal:
      return {Fault::kTrouble, Reason::kCloudUnavailable};
  }
  return {Fault::kTrouble, Reason::kCloudUnavailable};
}

bool CertainlyNotCreated(const Error& error) {
  if (error.http_status != 0) return external::CertainlyRefused(error.http_status);
  if (error.sent == Sent::kNo) return true;
  // A cloud that does not use HTTP.
  return error.sent == Sent::kYes && ClassifyError(error.code).fault != Fault::kTrouble;
}

}  // namespace

ErrorClass ClassifyError(Code code) { return Look(code); }

CreateOutcome JudgeCreate(const external::Outcome& outcome) {
  switch (outcome.verdict) {
    case external::Verdict::kDone:
      return outcome.id.empty() ? CreateOutcome::kUnknown : CreateOutcome::kCreated;
    case external::Verdict::kRejected:
    case external::Verdict::kWait:
    case external::Verdict::kNotFound:
      return outcome.error && CertainlyNotCreated(*outcome.error) ? CreateOutcome::kNotCreated
                                                                  : CreateOutcome::kUnknown;
    case external::Verdict::kUnknown:
      return CreateOutcome::kUnknown;
  }
  return CreateOutcome::kUnknown;
}

Error ErrorOf(const external::Outcome& outcome) {
  Error error = outcome.error.value_or(Error{});
  if (error.message.empty())
    error.message = StrCat("the provider answered ", external::VerdictName(outcome.verdict));
  return error;
}

Result<Next> AfterRefusal(ReconcileContext& ctx, const external::Outcome& outcome, const Attempt& attempt) {
  const Error error = ErrorOf(outcome);
  const Fault fault = ClassifyError(error.code).fault;
  const std::string refused = "the cloud refused to " + attempt.doing;
  if (fault == Fault::kCredentials || fault == Fault::kQuota) return ctx.Trouble(error, refused);
  switch (outcome.verdict) {
    case external::Verdict::kUnknown:
    case external::Verdict::kDone:
      return ctx.Trouble(error, "it is not known yet whether the cloud carried this out: " + attempt.doing);
    case external::Verdict::kWait:
      if (error.code == Code::kCancelled || ctx.context.stopped()) return Fail(error);
      return ctx.Blocked(Reason::kWaiting,
                         StrCat("the cloud is not ready to ", attempt.doing, ": ", error.message),
                         std::max(attempt.wait_then ? *attempt.wait_then : ctx.BackoffDelay(attempt.doing),
                                  error.retry_after.value_or(Duration::zero())));
    case external::Verdict::kRejected:
    case external::Verdict::kNotFound:
      break;
  }
  if (fault == Fault::kTrouble) return ctx.Trouble(error, refused);
  // A request that the provider itself rejects was never sent.
  const bool asked = error.sent != Sent::kNo || error.http_status != 0;
  return ctx.Refused(error, attempt.rejected,
                     asked ? refused : StrCat("the spec does not allow the operator to ", attempt.doing));
}

}  // namespace capstan::managed
