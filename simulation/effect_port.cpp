#include <capstan/simulation/effect_port.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::simulation {
namespace {

Failure Cancelled() {
  Error error;
  error.code = Code::kCancelled;
  error.message = "this life of the operator is over";
  error.sent = Sent::kNo;
  return Failure(std::move(error));
}

Failure Broken(Code code, Sent sent, const std::string& message) {
  Error error;
  error.code = code;
  error.message = message;
  error.sent = sent;
  return Failure(std::move(error));
}

http::Response Answer(int status, const std::string& reason, bool cloud) {
  http::Response response;
  response.status = status;
  response.headers.Set("content-type", "application/json");
  response.body = cloud ? StrCat(R"({"id":"simulated","message":")", reason, R"("})")
                        : StrCat(R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":")",
                                 reason, R"(","message":"simulated )", reason, R"(","code":)", status, "}");
  return response;
}

std::string Describe(const http::Request& request, const std::string& kubernetes, bool& cloud) {
  const auto url = http::ParseUrl(request.url);
  if (!url) return request.method + " " + request.url;
  cloud = url->authority() != kubernetes;
  return StrCat(request.method, " ", cloud ? url->authority() : std::string(), url->path());
}

}  // namespace

const std::vector<Mishap>& AllMishaps() {
  static const std::vector<Mishap> all = {
      Mishap::kCrashBefore,   Mishap::kCrashInFlight, Mishap::kCrashAfterCommit, Mishap::kCrashAfterReply,
      Mishap::kConflict,      Mishap::kTooMany,       Mishap::kErrorBefore,      Mishap::kErrorAfter,
      Mishap::kTimeoutBefore, Mishap::kTimeoutAfter,  Mishap::kResetAfter,       Mishap::kTruncated,
      Mishap::kUnauthorized};
  return all;
}

std::string MishapName(Mishap mishap) {
  switch (mishap) {
    case Mishap::kNone:
      return "none";
    case Mishap::kCrashBefore:
      return "crash-before";
    case Mishap::kCrashInFlight:
      return "crash-in-flight";
    case Mishap::kCrashAfterCommit:
      return "crash-after-commit";
    case Mishap::kCrashAfterReply:
      return "crash-after-reply";
    case Mishap::kConflict:
      return "409";
    case Mishap::kTooMany:
      return "429";
    case Mishap::kErrorBefore:
      return "500-before";
    case Mishap::kErrorAfter:
      return "500-after";
    case Mishap::kTimeoutBefore:
      return "timeout-before";
    case Mishap::kTimeoutAfter:
      return "timeout-after";
    case Mishap::kResetAfter:
      return "reset-after";
    case Mishap::kTruncated:
      return "truncated";
    case Mishap::kUnauthorized:
      return "401";
    case Mishap::kPauseBefore:
      return "pause-before";
    case Mishap::kPauseAfter:
      return "pause-after";
  }
  return "?";
}

bool IsCrash(Mishap mishap) {
  return mishap == Mishap::kCrashBefore || mishap == Mishap::kCrashInFlight ||
         mishap == Mishap::kCrashAfterCommit || mishap == Mishap::kCrashAfterReply;
}

bool IsPause(Mishap mishap) { return mishap == Mishap::kPauseBefore || mishap == Mishap::kPauseAfter; }

std::string EffectLog::Timeline(int number, int count) const {
  std::string text;
  for (const auto& effect : effects) {
    if (effect.number < number - count || effect.number > number + 4) continue;
    const auto seconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(effect.at.time_since_epoch()).count();
    text += StrCat("  #", effect.number, " life ", effect.life, " t=", seconds - 3600000, "ms ", effect.what,
                   " -> ", effect.result,
                   effect.mishap == Mishap::kNone ? "" : " [" + MishapName(effect.mishap) + "]", "\n");
  }
  return text;
}

Effect& EffectPort::Begin(const http::Request& request) {
  Effect effect;
  effect.number = static_cast<int>(log_.effects.size()) + 1;
  effect.life = life_;
  effect.what = Describe(request, kubernetes_, effect.cloud);
  effect.at = scheduler_.Now();
  if (log_.script) effect.mishap = log_.script(effect);
  log_.effects.push_back(effect);
  return log_.effects.back();
}

void EffectPort::Finish(int number, const std::string& result) {
  Effect& effect = log_.effects[static_cast<std::size_t>(number - 1)];
  effect.result = result;
  if (log_.check) log_.check(effect);
}

Failure EffectPort::Die(Effect& effect, const std::string& result) {
  const int number = effect.number;
  dead_ = true;
  if (on_death) on_death();
  Finish(number, result);
  return Cancelled();
}

Result<http::Response> EffectPort::Failed(const http::Request& request, const Context& context,
                                          Mishap mishap) {
  const bool cloud = log_.effects.back().cloud;
  switch (mishap) {
    case Mishap::kConflict:
      return Answer(409, cloud ? "conflict" : "Conflict", cloud);
    case Mishap::kUnauthorized:
      return Answer(401, cloud ? "unauthorized" : "Unauthorized", cloud);
    case Mishap::kTooMany: {
      auto response = Answer(429, cloud ? "too_many_requests" : "TooManyRequests", cloud);
      response.headers.Set("retry-after", "3");
      return response;
    }
    case Mishap::kErrorBefore:
      return Answer(500, cloud ? "server_error" : "InternalError", cloud);
    case Mishap::kTimeoutBefore:
      scheduler_.Sleep(std::min<Duration>(context.deadline - scheduler_.Now(), std::chrono::seconds(30)),
                       context);
      return Broken(Code::kDeadlineExceeded, Sent::kMaybe, "no answer in time");
    default:
      break;
  }
  auto real = next_.Send(request, context);
  if (!real) return real;
  switch (mishap) {
    case Mishap::kErrorAfter:
      return Answer(500, cloud ? "server_error" : "InternalError", cloud);
    case Mishap::kTimeoutAfter:
      scheduler_.Sleep(std::min<Duration>(context.deadline - scheduler_.Now(), std::chrono::seconds(30)),
                       context);
      return Broken(Code::kDeadlineExceeded, Sent::kMaybe, "no answer in time");
    case Mishap::kResetAfter:
      return Broken(Code::kUnavailable, Sent::kMaybe, "connection reset");
    default:
      return Broken(Code::kDataLoss, Sent::kMaybe, "the answer was cut");
  }
}

Result<http::Response> EffectPort::Send(const http::Request& request, const Context& context) {
  AssertNoLocksHeld("EffectPort::Send");
  if (dead_ || context.stopped()) return Cancelled();
  Effect& effect = Begin(request);
  const int number = effect.number;
  const Mishap mishap = effect.mishap;
  switch (mishap) {
    case Mishap::kCrashBefore:
      return Die(effect, "not sent");
    case Mishap::kCrashInFlight:
      late_.push_back(scheduler_.Spawn("late request", [this, request, number](const Context& own) {
        scheduler_.Sleep(std::chrono::milliseconds(700), own);
        (void)next_.Send(request, Context{own.stop, kForever});
        if (log_.check) log_.check(log_.effects[static_cast<std::size_t>(number - 1)]);
      }));
      return Die(effect, "in flight");
    case Mishap::kCrashAfterCommit: {
      auto reply = next_.Send(request, context);
      return Die(log_.effects[static_cast<std::size_t>(number - 1)],
                 reply ? StrCat(reply->status, " unheard") : "failed");
    }
    case Mishap::kCrashAfterReply: {
      auto reply = next_.Send(request, context);
      (void)Die(log_.effects[static_cast<std::size_t>(number - 1)], reply ? StrCat(reply->status) : "failed");
      return reply;
    }
    case Mishap::kPauseBefore:
      Pause(context);
      break;
    case Mishap::kPauseAfter:
    case Mishap::kNone:
      break;
    default: {
      auto reply = Failed(request, context, mishap);
      Finish(number, reply ? StrCat(reply->status) : std::string(CodeName(reply.error().code)));
      return reply;
    }
  }
  auto reply = next_.Send(request, context);
  if (mishap == Mishap::kPauseAfter) Pause(context);
  Finish(number, reply ? StrCat(reply->status) : std::string(CodeName(reply.error().code)));
  return reply;
}

void EffectPort::Pause(const Context& context) {
  if (log_.on_pause) log_.on_pause(life_);
  scheduler_.Sleep(log_.pause, Context{context.stop, kForever});
}

Result<http::StreamResponse> EffectPort::Open(const http::Request& request, const Context& context) {
  AssertNoLocksHeld("EffectPort::Open");
  if (dead_ || context.stopped()) return Cancelled();
  Effect& effect = Begin(request);
  const int number = effect.number;
  const Mishap mishap = effect.mishap;
  if (mishap == Mishap::kCrashBefore || mishap == Mishap::kCrashInFlight) return Die(effect, "not sent");
  if (mishap != Mishap::kNone && !IsPause(mishap) && !IsCrash(mishap)) {
    // A stream that fails at its head; what comes later is the watcher's own test.
    Finish(number, "reset");
    return Broken(Code::kUnavailable, Sent::kMaybe, "connection reset");
  }
  auto reply = next_.Open(request, context);
  if (mishap == Mishap::kCrashAfterCommit || mishap == Mishap::kCrashAfterReply) {
    return Die(log_.effects[static_cast<std::size_t>(number - 1)], "opened");
  }
  Finish(number, reply ? StrCat(reply->status) : std::string(CodeName(reply.error().code)));
  return reply;
}

}  // namespace capstan::simulation
