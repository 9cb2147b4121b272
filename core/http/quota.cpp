#include <capstan/core/http/quota.hpp>

#include <algorithm>
#include <iterator>

#include <capstan/core/base/text.hpp>

namespace capstan::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Maximum number of deferred requests with individual retry times; beyond it, all get the latest
// time.
constexpr std::size_t kMostPromises = 10000;

Secret CredentialOf(const Headers& headers) {
  return Secret(std::string(headers.Get("Authorization").value_or("")));
}

}  // namespace

QuotaTransport::QuotaTransport(Transport& next, Scheduler& scheduler, QuotaOptions options)
    : next_(next), scheduler_(scheduler), options_(std::move(options)), hosts_(options_.hosts) {}

void QuotaTransport::DeclareHost(const std::string& host, const QuotaHost& known) {
  MutexLock lock(mutex_);
  const auto [it, added] = hosts_.try_emplace(host, known);
  if (added) return;
  QuotaHost& host_known = it->second;
  if (known.per_minute > 0 && (host_known.per_minute <= 0 || known.per_minute < host_known.per_minute))
    host_known.per_minute = known.per_minute;
  const auto fill = [](std::string& name, const std::string& other) {
    if (name.empty()) name = other;
  };
  fill(host_known.limit_header, known.limit_header);
  fill(host_known.remaining_header, known.remaining_header);
  fill(host_known.reset_header, known.reset_header);
}

void QuotaTransport::SetPart(double part) {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  if (part == part_) return;
  part_ = part;
  for (auto& [key, account] : accounts_) {
    account->budget.SetPart(part, now);
    WakeFirst(*account);  // its turn may have come closer
  }
}

Result<Response> QuotaTransport::Send(const Request& request, const Context& context) {
  CAPSTAN_TRY(const Pass pass, Admit(request, context));
  Result<Response> answer = next_.Send(request, context);
  Report(pass, answer);
  return answer;
}

Result<StreamResponse> QuotaTransport::Open(const Request& request, const Context& context) {
  CAPSTAN_TRY(const Pass pass, Admit(request, context));
  Result<StreamResponse> answer = next_.Open(request, context);
  Report(pass, answer);
  return answer;
}

Result<QuotaTransport::Pass> QuotaTransport::Admit(const Request& request, const Context& context) {
  AssertNoLocksHeld("Transport::Send");
  CAPSTAN_TRY(const Url url, ParseUrl(request.url));
  const Secret credential = CredentialOf(request.headers);
  MutexLock lock(mutex_);
  Account& account = AccountOf(url.authority(), credential);
  ++account.guests;
  auto departure = StandInLine(account, request, context, lock);
  if (!departure) {
    --account.guests;
    return Fail(std::move(departure).error());
  }
  return Pass{&account, *departure};
}

Result<QuotaBudget::Departure> QuotaTransport::StandInLine(Account& account, const Request& request,
                                                           const Context& context, MutexLock& lock) {
  const QuotaClass asked = QuotaClassOf(request.method, context.urgency);
  // By the method alone: a read on behalf of a create may wait as long as any other read.
  const QuotaClass own = QuotaClassOf(request.method);
  const Instant latest = LatestDeparture(own, context);
  Waiter waiter;
  const auto place = account.line.emplace(Place{asked, asked != own, ++counter_}, &waiter).first;
  const auto leave_line = [&]() CAPSTAN_REQUIRES(mutex_) {
    account.line.erase(place);
    WakeFirst(account);
  };
  // A request that would be served too late is deferred immediately, without blocking a thread.
  const auto ahead = static_cast<std::size_t>(std::distance(account.line.begin(), place));
  const Instant turn = account.budget.TurnOf(asked, ahead, scheduler_.Now());
  if (ahead > 0 && turn > latest) {
    leave_line();
    const auto cause = account.why.value_or(QuotaBudget::Cause::kRate);
    return TurnAway(account, request, turn, cause, "too many requests are ahead of it");
  }
  for (;;) {
    if (context.stopped()) {
      leave_line();
      return Fail(Code::kCancelled, StrCat("stopped before ", request.method, " ", request.url, " was sent"));
    }
    const Instant now = scheduler_.Now();
    QuotaBudget::Obstacle obstacle{kForever, account.why.value_or(QuotaBudget::Cause::kRate)};
    std::string_view why = "others are ahead of it";
    if (place == account.line.begin()) {
      const auto found = account.budget.Check(asked, now);
      if (!found) {
        const QuotaBudget::Departure departure = account.budget.BeginRequest(asked, now);
        account.why.reset();
        leave_line();
        return departure;
      }
      obstacle = *found;
      account.why = obstacle.cause;
      why = QuotaBudget::Words(obstacle.cause);
    }
    if (now >= latest || (obstacle.until != kForever && obstacle.until > latest)) {
      leave_line();
      return TurnAway(account, request, obstacle.until, obstacle.cause, why);
    }
    (void)scheduler_.Wait(waiter.first, lock, std::min(obstacle.until, latest), Context{context.stop});
  }
}

template <class Answer>
void QuotaTransport::Report(const Pass& pass, const Result<Answer>& answer) {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  QuotaBudget& budget = pass.account->budget;
  if (answer) {
    budget.Answer(pass.departure, answer->status, answer->headers, now, scheduler_.WallNow());
  } else if (answer.error().sent == Sent::kNo) {
    budget.CancelUnsent(pass.departure, now);
  } else {
    budget.EndWithoutResponse(pass.departure, now);
  }
  --pass.account->guests;
  WakeFirst(*pass.account);
}

QuotaTransport::Account& QuotaTransport::AccountOf(const std::string& host, const Secret& credential) {
  auto& account = accounts_[{host, credential.Digest()}];
  if (!account) {
    const auto known = hosts_.find(host);
    const QuotaHost here = known == hosts_.end() ? QuotaHost{} : known->second;
    QuotaBudgetOptions budget = options_.budget;
    if (!here.limit_header.empty()) budget.limit_header = here.limit_header;
    if (!here.remaining_header.empty()) budget.remaining_header = here.remaining_header;
    if (!here.reset_header.empty()) budget.reset_header = here.reset_header;
    account = std::make_unique<Account>(std::move(budget), here.per_minute, scheduler_.Now());
    if (part_ != 1) account->budget.SetPart(part_, scheduler_.Now());
    account->host = host;
    account->credential = credential.empty() ? "none" : credential.Fingerprint();
    account->used = ++counter_;
    ++account->guests;  // protects it from being dropped immediately
    Forget();
    --account->guests;
  }
  account->used = ++counter_;
  account->last_guest = scheduler_.Now();
  return *account;
}

void QuotaTransport::Forget() {
  while (accounts_.size() > options_.credentials) {
    auto oldest = accounts_.end();
    for (auto it = accounts_.begin(); it != accounts_.end(); ++it) {
      if (it->second->guests == 0 && (oldest == accounts_.end() || it->second->used < oldest->second->used))
        oldest = it;
    }
    if (oldest == accounts_.end()) return;
    accounts_.erase(oldest);
  }
}

void QuotaTransport::WakeFirst(Account& account) {
  if (!account.line.empty()) scheduler_.Notify(account.line.begin()->second->first);
}

Instant QuotaTransport::LatestDeparture(QuotaClass asked, const Context& context) const {
  const Instant now = scheduler_.Now();
  const Duration patience =
      asked == QuotaClass::kCreate ? options_.longest_wait_creating : options_.longest_wait;
  Instant latest = After(now, patience);
  if (context.deadline != kForever) latest = std::min(latest, context.deadline - options_.time_to_answer);
  return std::max(latest, now);
}

Failure QuotaTransport::TurnAway(Account& account, const Request& request, Instant until,
                                 QuotaBudget::Cause cause, std::string_view why) {
  const Instant now = scheduler_.Now();
  const Instant possible = until == kForever ? After(now, seconds(1)) : std::max(now, until);
  // Each deferred request gets its own retry time: when the host can serve it after those before
  // it. A request that returns too early is deferred again.
  auto& promised = account.promised;
  promised.erase(promised.begin(), promised.upper_bound(now));
  const auto ahead = static_cast<std::size_t>(std::distance(promised.lower_bound(possible), promised.end()));
  Instant turn = std::max(possible, account.budget.TurnOf(QuotaClassOf(request.method), ahead, now));
  turn = std::min(turn, After(possible, options_.longest_spread));
  if (promised.size() < kMostPromises)
    while (!promised.insert(turn).second) turn = After(turn, milliseconds(20));
  ++account.rejected[static_cast<std::size_t>(cause)];
  account.why = cause;
  Error error = MakeError(Code::kResourceExhausted,
                          StrCat(request.method, " ", Shorten(request.url, 200), " was not sent: ", why,
                                 ". It is tried again in ", FormatDuration(turn - now)));
  error.retry_after = turn - now;
  if (const double others = account.budget.others_per_minute(now); others >= 1)
    error.message += StrCat("; others use some ", static_cast<std::int64_t>(others),
                            " requests a minute of the same credential");
  return Fail(std::move(error));
}

std::vector<QuotaState> QuotaTransport::States() const {
  const Instant now = scheduler_.Now();
  MutexLock lock(mutex_);
  std::vector<QuotaState> states;
  states.reserve(accounts_.size());
  for (const auto& [key, account] : accounts_) {
    const QuotaBudget& budget = account->budget;
    QuotaState state;
    state.host = account->host;
    state.credential = account->credential;
    state.limit = budget.limit();
    state.remaining = budget.remaining();
    state.waiting = account->line.size();
    state.deferred =
        static_cast<std::size_t>(std::distance(account->promised.upper_bound(now), account->promised.end()));
    if (state.waiting + state.deferred > 0) state.why = account->why;
    state.rejected = account->rejected;
    state.in_flight = budget.in_flight();
    state.held = budget.held(now);
    state.declared_per_minute = budget.declared();
    state.per_minute = budget.per_minute(now);
    state.others_per_minute = budget.others_per_minute(now);
    if (account->guests == 0) state.idle = now - account->last_guest;
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace capstan::http
