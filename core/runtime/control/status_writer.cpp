#include <capstan/core/runtime/control/status_writer.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan::runtime {
namespace {

// An idle task stays for a while, because bursts follow each other.
constexpr Duration kIdle = std::chrono::seconds(30);

kube::PatchOptions OfStatus() {
  kube::PatchOptions options;
  options.subresource = "status";
  return options;
}

}  // namespace

StatusWriter::StatusWriter(kube::Client& client, Scheduler& scheduler, kube::Kind kind, std::string name,
                           Finish finish)
    : client_(client),
      scheduler_(scheduler),
      kind_(std::move(kind)),
      name_(std::move(name)),
      finish_(std::move(finish)) {}

void StatusWriter::Add(const TakenKey& taken, Outcome outcome, std::shared_ptr<trace::Span> span,
                       const Context& context) {
  Task ended;  // joined after the lock is released
  {
    MutexLock lock(mutex_);
    while ((jobs_.size() >= kWaiting || bytes_ >= kWaitingBytes) && !stopping_ && !context.stopped())
      scheduler_.Wait(changed_, lock, kForever, context);
    if (!stopping_ && !context.stopped()) {
      bytes_ += outcome.status->json.size();
      jobs_.push_back({taken, std::move(outcome), std::move(span)});
      if (running_) {
        if (jobs_.size() == 1) scheduler_.Notify(changed_);
      } else {
        running_ = true;
        ended = std::exchange(task_, scheduler_.Spawn(name_, [this](const Context& own) { Run(own); }));
      }
      return;
    }
  }
  finish_(taken, Fail(Code::kCancelled, "stopped before the status was written"), span.get());
}

Result<Outcome> StatusWriter::Write(const TakenKey& taken, Outcome outcome, const Context& context) {
  auto answers = client_.PatchAll(kind_, {{taken.key, outcome.status->json}}, kube::PatchType::kMerge,
                                  OfStatus(), context);
  return Conclude(std::move(outcome), answers.front(), context);
}

Result<Outcome> StatusWriter::Conclude(Outcome outcome, const Result<std::string>& answer,
                                       const Context& context) {
  const StatusPatch status = std::move(*outcome.status);
  outcome.status.reset();
  if (status.conclude) {
    CAPSTAN_TRY(outcome.wrote, status.conclude(answer, context));
    return outcome;
  }
  if (!answer) return Fail(answer.error());
  auto version = json::ScanResourceVersion(*answer);
  if (!version) {
    Error error = std::move(version).error();
    error.sent = Sent::kYes;
    return Annotate(std::move(error), "the answer to the status");
  }
  outcome.wrote = std::move(*version);
  return outcome;
}

std::vector<StatusWriter::Job> StatusWriter::NextGroup(const Context& context) {
  std::vector<Job> group;
  MutexLock lock(mutex_);
  underway_ = 0;
  if (jobs_.empty()) scheduler_.Notify(changed_);  // Drain may wait
  const Instant until = After(scheduler_.Now(), kIdle);
  while (jobs_.empty() && !stopping_ && !context.stopped()) {
    if (scheduler_.Wait(changed_, lock, until, context) == Woke::kTime && jobs_.empty()) break;
  }
  for (std::size_t bytes = 0; !jobs_.empty() && group.size() < kTogether; jobs_.pop_front()) {
    const std::size_t next = jobs_.front().outcome.status->json.size();
    if (bytes += next; !group.empty() && bytes > kTogetherBytes) break;
    bytes_ -= next;
    group.push_back(std::move(jobs_.front()));
  }
  underway_ = group.size();
  running_ = !group.empty();
  // Workers that wait for room run several keys in a row instead of waking up for each.
  if (jobs_.size() <= kWaiting / 2) scheduler_.Notify(changed_);
  return group;
}

void StatusWriter::WriteGroup(std::vector<Job> group, const Context& context) {
  std::vector<kube::PatchCall> calls;
  calls.reserve(group.size());
  for (Job& job : group) calls.push_back({job.taken.key, std::move(job.outcome.status->json)});
  const auto answers = client_.PatchAll(kind_, calls, kube::PatchType::kMerge, OfStatus(), context);
  for (std::size_t i = 0; i < group.size(); ++i)
    finish_(group[i].taken, Conclude(std::move(group[i].outcome), answers[i], context), group[i].span.get());
}

void StatusWriter::Run(const Context& context) {
  for (auto group = NextGroup(context); !group.empty(); group = NextGroup(context))
    WriteGroup(std::move(group), context);
}

bool StatusWriter::Drain(Instant until) {
  MutexLock lock(mutex_);
  while (underway_ != 0 || !jobs_.empty()) {
    if (scheduler_.Now() >= until) return false;
    scheduler_.Wait(changed_, lock, until, Context{});
  }
  return true;
}

void StatusWriter::Stop() {
  Task task;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    task = std::move(task_);
    scheduler_.Notify(changed_);
  }
  task = Task();  // its jobs end as cancelled
}

}  // namespace capstan::runtime
