// The cloud's notices about an object that is not as desired, passed on as Events.
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/memory/notice_times.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

constexpr Duration kApart = std::chrono::minutes(1);  // between two requests about one object
// Requests about all objects together: while two hundred are being created, the quota is needed for
// creating them.
constexpr std::size_t kAMinute = 30;
// Remembered objects; beyond that, old ones are dropped.
constexpr std::size_t kMany = 1024;
constexpr std::size_t kMostEvents = 20;  // Events per reconcile

// A refusal persists: without an Event users would wait for notices that never come.
void ReportRefused(ReconcileContext& ctx, const std::string& id, const Error& error) {
  ctx.events().Record(ctx.kind(), ctx.object, runtime::EventType::kWarning, kNoticeEvent,
                      Shorten(StrCat("the cloud refuses to list notices of cloud object ", id, ": ",
                                     error.message, "; allow the credentials to read them"),
                              1024),
                      ctx.context);
}

}  // namespace

bool NoticeTimes::MayRequest(const std::shared_ptr<external::External>& cloud, const std::string& uid,
                             Instant now) {
  MutexLock lock(mutex_);
  if (without_.count(cloud) != 0) return false;
  const auto it = asked_.find(uid);
  if (it != asked_.end() && now - it->second < kApart) return false;
  while (!recent_.empty() && now - recent_.front() >= kApart) recent_.pop_front();
  if (recent_.size() >= kAMinute) return false;
  recent_.push_back(now);
  if (asked_.size() >= kMany) {
    for (auto old = asked_.begin(); old != asked_.end();)
      old = now - old->second >= kApart ? asked_.erase(old) : std::next(old);
  }
  asked_[uid] = now;
  return true;
}

void NoticeTimes::HasNone(const std::shared_ptr<external::External>& cloud) {
  MutexLock lock(mutex_);
  for (auto it = without_.begin(); it != without_.end();)
    it = it->expired() ? without_.erase(it) : std::next(it);
  without_.insert(cloud);
}

Status AskForNotices(ReconcileContext& ctx, const external::Observed& observed) {
  const auto now = ctx.conditions.find("Ready");
  const bool same =
      now != ctx.conditions.end() && ctx.ConditionReason("Ready") == ReasonName(now->second.reason);
  if (observed.phase == external::Phase::kReady && same) return {};
  auto& times = *ctx.setting.notice_times;
  if (!times.MayRequest(ctx.cloud.shared(), ctx.object.uid(), ctx.now())) return {};
  // Notices from before an adoption were meant for the former owner.
  const std::string since =
      ctx.record.noticed_at.empty() && ctx.record.adopted ? ctx.record.recorded_at : ctx.record.noticed_at;
  auto notices = ctx.cloud->Notices(observed.id, since, ctx.Reading());
  if (!notices) {
    if (ctx.context.stopped()) return Fail(notices.error());
    if (notices.error().code == Code::kUnimplemented) times.HasNone(ctx.cloud.shared());
    if (notices.error().code == Code::kPermissionDenied || notices.error().code == Code::kInvalidArgument)
      ReportRefused(ctx, observed.id, notices.error());
    ctx.log().Debug("cannot read notices", {{"object", ctx.What()}, {"error", notices.error().message}});
    return {};
  }
  const auto last = ParseRfc3339(since);
  for (auto& notice : *notices) {
    const auto at = ParseRfc3339(notice.at);
    if (!at || (last && *at <= *last)) continue;  // already passed on, whatever the cloud says
    ctx.notices.push_back(std::move(notice));
  }
  if (ctx.notices.empty()) return {};
  ctx.external_changes->set("noticedAt", ctx.notices.back().at);
  if (ctx.notices.size() > kMostEvents)
    ctx.notices.erase(ctx.notices.begin(), ctx.notices.end() - static_cast<std::ptrdiff_t>(kMostEvents));
  return {};
}

}  // namespace capstan::managed
