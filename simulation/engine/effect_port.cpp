#include <capstan/simulation/engine/effect_port.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/simulation/engine/interference.hpp>
#include <capstan/simulation/engine/life.hpp>

namespace capstan::simulation {
namespace {

Failure Cancelled() { return Fail(Code::kCancelled, "this life of the operator is over"); }

Failure Broken(Code code, Sent sent, const std::string& message) { return Fail(code, message, sent); }

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

// Hash of the refusals that are still active.
std::uint64_t Refused(const std::vector<Refusal>& refusals, Instant now) {
  std::uint64_t state = 0;
  for (const Refusal& refusal : refusals) {
    if (now < refusal.until)
      state = Mix(state, std::hash<std::string>()(StrCat(refusal.status, refusal.shape)));
  }
  return state;
}

}  // namespace

std::string ShapeOf(const http::Request& request, const std::string& kubernetes) {
  const auto url = http::ParseUrl(request.url);
  if (!url) return request.method;
  const auto parts = Split(url->path().substr(1), '/');
  std::string shape = request.method;
  if (url->authority() != kubernetes) {
    shape += " " + url->authority() + " ";
    for (const auto& part : parts)
      shape += "/" + (part.find_first_of("0123456789") == std::string::npos ? part : std::string("*"));
    return shape;
  }
  // /api/v1/… or /apis/GROUP/VERSION/…, then optionally namespaces/NAME, then PLURAL, NAME,
  // SUBRESOURCE.
  std::size_t at = parts.front() == "apis" ? 3 : 2;
  if (at + 2 < parts.size() && parts[at] == "namespaces") at += 2;
  if (at >= parts.size()) return StrCat(shape, " ", url->path());
  shape += " " + parts[at];
  if (at + 1 < parts.size()) shape += "/*";
  if (at + 2 < parts.size()) shape += "/" + parts[at + 2];
  return shape;
}

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

EffectPort::EffectPort(http::Transport& next, Scheduler& scheduler, EffectLog& log, Life& life,
                       std::string kubernetes_authority)
    : next_(next),
      scheduler_(scheduler),
      log_(log),
      life_(life),
      kubernetes_(std::move(kubernetes_authority)),
      faults_(std::make_shared<WatchFaults>()) {}

int EffectPort::Begin(const http::Request& request, bool stream) {
  Effect effect;
  effect.number = static_cast<int>(log_.effects.size()) + 1;
  effect.life = life_.number();
  effect.stream = stream;
  effect.what = Describe(request, kubernetes_, effect.cloud);
  effect.shape = ShapeOf(request, kubernetes_);
  effect.at = scheduler_.Now();
  if (log_.digest) {
    log_.acting = &life_;
    effect.moment = Mix(Mix(log_.digest(), lingering()), Refused(log_.refusals, effect.at) ^ log_.under_way);
    // Watches and lists do not depend on any reconcile.
    effect.state = Mix(effect.moment, stream ? 0 : memory_);
    effect.state = Mix(effect.state, std::hash<std::string>()(effect.what));
  }
  if (log_.script) effect.mishap = log_.script(effect);
  if (effect.number > log_.most) {
    log_.endless = true;
    effect.mishap = Mishap::kCrashBefore;
  }
  log_.effects.push_back(effect);
  return effect.number;
}

std::uint64_t EffectPort::lingering() const {
  std::uint64_t state = asleep_;
  const bool delayed = scheduler_.Now() < After(faults_->delay_until, faults_->delay);
  for (const int armed :
       {faults_->twice, faults_->lost, faults_->swapped, faults_->older_list ? 1 : 0, delayed ? 1 : 0})
    state = Mix(state, static_cast<std::uint64_t>(armed));
  return state;
}

// Another life can act while this one is paused.
void EffectPort::Strike(Mishap mishap, int number) {
  if (!log_.strike) return;
  if (IsPause(mishap)) asleep_ = Mix(static_cast<std::uint64_t>(number), static_cast<std::uint64_t>(mishap));
  log_.strike(mishap, life_, At(number));
  asleep_ = 0;
}

void EffectPort::Finish(int number, const std::string& result) {
  At(number).result = result;
  if (log_.check) log_.check(At(number));
}

Failure EffectPort::Die(int number, const std::string& result) {
  dead_ = true;
  faults_->dead = true;
  if (on_death) on_death();
  Finish(number, result);
  return Cancelled();
}

// A level-triggered operator starts over with each fresh read of its object, so earlier answers are
// treated as forgotten.
void EffectPort::Remember(const http::Request& request, const Result<http::Response>& reply) {
  if (!log_.digest || request.url.find("/leases/") != std::string::npos) return;
  if (request.method == "GET" && request.url.find(log_.fresh_read) != std::string::npos) memory_ = 0;
  memory_ = Mix(memory_, std::hash<std::string>()(ShapeOf(request, kubernetes_)));
  memory_ =
      Mix(memory_, static_cast<std::uint64_t>(reply ? reply->status : static_cast<int>(reply.error().code)));
  // The content of the API server is part of every state; for a cloud, only its answers are.
  bool cloud = false;
  (void)Describe(request, kubernetes_, cloud);
  if (cloud && reply) memory_ = Mix(memory_, MixText(kNoText, reply->body));
}

Refusal* EffectPort::RefusalOf(const http::Request& request, bool cloud) {
  for (Refusal& refusal : log_.refusals) {
    if (refusal.cloud == cloud && refusal.until > scheduler_.Now() && scheduler_.Now() >= refusal.from &&
        refusal.shape == ShapeOf(request, kubernetes_))
      return &refusal;
  }
  return nullptr;
}

void EffectPort::Wait(const Context& context) {
  scheduler_.Sleep(std::min<Duration>(context.deadline - scheduler_.Now(), std::chrono::seconds(30)),
                   context);
}

std::optional<http::Response> EffectPort::RefusedOnce(int number) {
  const bool cloud = At(number).cloud;
  switch (At(number).mishap) {
    case Mishap::kConflict:
      return Answer(409, cloud ? "conflict" : "Conflict", cloud);
    case Mishap::kInvalid:
      return Answer(cloud ? 422 : 400, cloud ? "unprocessable_entity" : "BadRequest", cloud);
    case Mishap::kUnauthorized:
      return Answer(401, cloud ? "unauthorized" : "Unauthorized", cloud);
    case Mishap::kTooMany: {
      auto response = Answer(429, cloud ? "too_many_requests" : "TooManyRequests", cloud);
      response.headers.Set("retry-after", "3");
      return response;
    }
    case Mishap::kErrorBefore:
      return Answer(500, cloud ? "server_error" : "InternalError", cloud);
    default:
      return std::nullopt;
  }
}

Result<http::Response> EffectPort::Failed(const http::Request& request, const Context& context, int number) {
  if (auto refused = RefusedOnce(number)) return std::move(*refused);
  const Mishap mishap = At(number).mishap;
  const bool cloud = At(number).cloud;
  if (mishap == Mishap::kTimeoutBefore) {
    Wait(context);
    return Broken(Code::kDeadlineExceeded, Sent::kMaybe, "no answer in time");
  }
  auto real = next_.Send(request, context);
  if (!real) return real;
  switch (mishap) {
    case Mishap::kErrorAfter:
      return Answer(500, cloud ? "server_error" : "InternalError", cloud);
    case Mishap::kTimeoutAfter:
      Wait(context);
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
  const int number = Begin(request, false);
  const Mishap mishap = At(number).mishap;
  switch (mishap) {
    case Mishap::kCrashBefore:
      return Die(number, "not sent");
    case Mishap::kCrashInFlight:
      log_.under_way ^= std::hash<std::string>()(At(number).what);
      late_.push_back(scheduler_.Spawn("late request", [this, request, number](const Context& own) {
        scheduler_.Sleep(std::chrono::milliseconds(700), own);
        (void)next_.Send(request, Context{own.stop, kForever});
        log_.under_way ^= std::hash<std::string>()(At(number).what);
        if (log_.check) log_.check(At(number));
      }));
      return Die(number, "in flight");
    case Mishap::kCrashAfterCommit: {
      auto reply = next_.Send(request, context);
      return Die(number, reply ? StrCat(reply->status, " unheard") : "failed");
    }
    case Mishap::kCrashAfterReply: {
      auto reply = next_.Send(request, context);
      (void)Die(number, reply ? StrCat(reply->status) : "failed");
      return reply;
    }
    case Mishap::kNone:
    case Mishap::kPauseAfter:
      break;
    default: {
      if (InfoOf(mishap).family == MishapFamily::kFailure) {
        auto reply = Failed(request, context, number);
        Remember(request, reply);
        Finish(number, reply ? StrCat(reply->status) : std::string(CodeName(reply.error().code)));
        return reply;
      }
      Strike(mishap, number);
      if (dead_ || context.stopped()) return Cancelled();
    }
  }
  Result<http::Response> reply = Cancelled();
  if (Refusal* refusal = RefusalOf(request, At(number).cloud)) {
    ++refusal->count;
    reply = Answer(refusal->status, refusal->words, refusal->cloud);
    Remember(request, reply);
  } else {
    reply = next_.Send(request, context);
    Remember(request, reply);
  }
  if (mishap == Mishap::kPauseAfter) Strike(mishap, number);
  Finish(number, reply ? StrCat(reply->status) : std::string(CodeName(reply.error().code)));
  return reply;
}

Result<http::StreamResponse> EffectPort::FailedStream(const http::Request& request, const Context& context,
                                                      int number) {
  if (auto refused = RefusedOnce(number)) {
    Finish(number, StrCat(refused->status));
    return WholeStream(std::move(*refused));
  }
  const Mishap mishap = At(number).mishap;
  if (mishap == Mishap::kTruncated && request.url.find("watch=") == std::string::npos) {
    auto real = next_.Open(request, context);
    Finish(number, "cut");
    if (!real) return real;
    return CutInHalf(std::move(*real), context);
  }
  const bool late = mishap == Mishap::kTimeoutBefore || mishap == Mishap::kTimeoutAfter;
  if (late) Wait(context);
  Finish(number, late ? "deadline exceeded" : "reset");
  return late ? Broken(Code::kDeadlineExceeded, Sent::kMaybe, "no answer in time")
              : Broken(Code::kUnavailable, Sent::kMaybe, "connection reset");
}

Result<http::StreamResponse> EffectPort::Open(const http::Request& request, const Context& context) {
  AssertNoLocksHeld("EffectPort::Open");
  if (dead_ || context.stopped()) return Cancelled();
  const int number = Begin(request, true);
  const Mishap mishap = At(number).mishap;
  const auto family = mishap == Mishap::kNone ? MishapFamily::kOrder : InfoOf(mishap).family;
  if (mishap == Mishap::kCrashBefore || mishap == Mishap::kCrashInFlight) return Die(number, "not sent");
  if (family == MishapFamily::kFailure) {
    return FailedStream(request, context, number);
  }
  if (mishap != Mishap::kNone && family != MishapFamily::kCrash) {
    Strike(mishap, number);
    if (dead_ || context.stopped()) return Cancelled();
  }
  if (Refusal* refusal = RefusalOf(request, At(number).cloud)) {
    ++refusal->count;
    Finish(number, StrCat(refusal->status));
    return WholeStream(Answer(refusal->status, refusal->words, refusal->cloud));
  }
  if (auto older = faults_->OlderList(request.url)) {
    Finish(number, "200, an older list");
    return WholeStream(std::move(*older));
  }
  auto reply = next_.Open(request, context);
  if (family == MishapFamily::kCrash) return Die(number, "opened");
  Finish(number, reply ? StrCat(reply->status) : std::string(CodeName(reply.error().code)));
  if (!reply) return reply;
  return WithFaults(std::move(*reply), request.url, faults_, scheduler_);
}

}  // namespace capstan::simulation
