#include <capstan/core/runtime/queue/workqueue_core.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

#include <capstan/core/runtime/queue/queue_entry.hpp>

namespace capstan::runtime {

using std::chrono::seconds;

std::uint64_t ParseResourceVersion(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stopped == end ? value : 0;
}

WorkqueueCore::WorkqueueCore(WorkqueueOptions options, Random& random) : options_(options), random_(random) {}

WorkqueueCore::~WorkqueueCore() {
  for (Entry* entry : entries_) Entry::Free(entry);
}

WorkqueueCore::Entry& WorkqueueCore::EntryOf(const kube::ObjectKey& key) {
  Entry* entry = Find(key);
  if (entry == nullptr) {
    entry = Entry::Make(key);
    entries_.Put(entry);
  }
  return *entry;
}

WorkqueueCore::Entry* WorkqueueCore::Find(const kube::ObjectKey& key) const {
  return entries_.Find(key.namespace_, key.name);
}

void WorkqueueCore::Erase(Entry& entry) {
  entries_.Remove(&entry);
  Entry::Free(&entry);
}

void WorkqueueCore::Add(const kube::ObjectKey& key, Priority priority, Instant now, Duration delay,
                        bool fresh) {
  Entry& entry = EntryOf(key);
  ++stats_.adds;
  entry.fresh |= fresh;
  Instant due = After(now, delay);
  if (priority == Priority::kPoll && delay >= kLongPoll && due < kForever - seconds(1)) {
    due = std::chrono::ceil<seconds>(due);
  }
  const bool more_urgent = !entry.wanted || priority < entry.priority;
  const bool earlier = !entry.wanted || due < entry.due;
  if (entry.ready && !more_urgent) return;
  if (entry.ready) Unlink(entry);  // it moves to another line
  entry.wanted = true;
  if (earlier) entry.due = due;
  if (more_urgent) entry.priority = priority;
  if (!entry.processing && !entry.held) Place(entry, now);
}

Duration WorkqueueCore::Retry(const kube::ObjectKey& key, Instant now, Duration at_least) {
  Entry& entry = EntryOf(key);
  ++stats_.retries;
  const Duration backoff = BackoffDelay(options_.backoff, ++entry.failures, random_);
  const Duration delay = std::max(backoff, at_least);
  Add(key, Priority::kRetry, now, delay);
  return delay;
}

void WorkqueueCore::Forget(const kube::ObjectKey& key) {
  Entry* entry = Find(key);
  if (entry == nullptr) return;
  entry->failures = 0;
  if (!entry->wanted && !entry->processing && !entry->held) Erase(*entry);
}

int WorkqueueCore::failures(const kube::ObjectKey& key) const {
  const Entry* entry = Find(key);
  return entry == nullptr ? 0 : entry->failures;
}

void WorkqueueCore::Hold(const kube::ObjectKey& key, std::uint64_t version, Instant until) {
  Entry& entry = EntryOf(key);
  if (!entry.held) {
    entry.held_at = static_cast<std::uint32_t>(held_.size());
    held_.push_back({});
  }
  entry.held = true;
  held_[entry.held_at] = {&entry, version, until};
}

bool WorkqueueCore::Seen(const kube::ObjectKey& key, std::uint64_t version, Instant now) {
  Entry* entry = Find(key);
  if (entry == nullptr || !entry->held) return false;
  const std::uint64_t awaited = held_[entry->held_at].version;
  if (version < awaited) return false;
  ++stats_.holds_seen;
  EndHold(*entry);
  if (!entry->processing) Place(*entry, now);
  return version == awaited;
}

void WorkqueueCore::SeenAll(std::uint64_t version, Instant now) {
  std::vector<Entry*> seen;
  for (const Held& held : held_) {
    if (held.version <= version) seen.push_back(held.entry);
  }
  for (Entry* entry : seen) {
    ++stats_.holds_seen;
    EndHold(*entry);
    if (!entry->processing) Place(*entry, now);
  }
}

void WorkqueueCore::EndHold(Entry& entry) {
  held_.back().entry->held_at = entry.held_at;
  held_[entry.held_at] = held_.back();
  held_.pop_back();
  entry.held = false;
}

void WorkqueueCore::Place(Entry& entry, Instant now) {
  timers_.Clear(entry);
  if (entry.held) {
    timers_.Set(entry, held_[entry.held_at].until, ++order_);
  } else if (entry.wanted && entry.due <= now) {
    Link(entry);
  } else if (entry.wanted) {
    timers_.Set(entry, entry.due, ++order_);
  } else if (entry.failures == 0) {
    Erase(entry);
  }
}

void WorkqueueCore::Link(Entry& entry) {
  Line& line = lines_[static_cast<std::size_t>(entry.priority)];
  entry.previous = line.last;
  entry.next = nullptr;
  (line.last != nullptr ? line.last->next : line.first) = &entry;
  line.last = &entry;
  entry.ready = true;
  ++stats_.ready;
}

void WorkqueueCore::Unlink(Entry& entry) {
  Line& line = lines_[static_cast<std::size_t>(entry.priority)];
  (entry.previous != nullptr ? entry.previous->next : line.first) = entry.next;
  (entry.next != nullptr ? entry.next->previous : line.last) = entry.previous;
  entry.previous = entry.next = nullptr;
  entry.ready = false;
  --stats_.ready;
}

void WorkqueueCore::RunTimers(Instant now) {
  while (!timers_.empty() && timers_.first().timer.at <= now) {
    Entry& entry = timers_.first();
    if (entry.held) {
      ++stats_.holds_expired;
      EndHold(entry);
      if (!entry.wanted) entry.priority = Priority::kPoll;
      if (!entry.wanted || entry.due > now) entry.due = now;
      entry.wanted = true;
      entry.fresh = true;
    }
    Place(entry, now);
  }
}

WorkqueueCore::Entry* WorkqueueCore::PickReady() {
  Entry* chosen = nullptr;
  Entry* oldest_below = nullptr;
  for (const Line& line : lines_) {
    if (line.first == nullptr) continue;
    if (chosen == nullptr) {
      chosen = line.first;
    } else if (oldest_below == nullptr || line.first->due < oldest_below->due) {
      oldest_below = line.first;
    }
  }
  if (oldest_below == nullptr) {
    overtaken_ = 0;
    return chosen;
  }
  if (++overtaken_ <= options_.fairness) return chosen;
  overtaken_ = 0;
  return oldest_below;
}

std::optional<TakenKey> WorkqueueCore::Take(Instant now) {
  RunTimers(now);
  Entry* entry = PickReady();
  if (entry == nullptr) return std::nullopt;
  Unlink(*entry);
  TakenKey taken{entry->key(), entry->fresh, std::max(Duration::zero(), now - entry->due), entry->priority};
  entry->wanted = false;
  entry->fresh = false;
  entry->processing = true;
  entry->priority = Priority::kPoll;
  processing_.push_back({entry, now});
  ++stats_.taken;
  return taken;
}

void WorkqueueCore::Done(const kube::ObjectKey& key, Instant now) {
  Entry* entry = Find(key);
  if (entry == nullptr || !entry->processing) return;
  entry->processing = false;
  *std::find_if(processing_.begin(), processing_.end(),
                [&](const Processing& processing) { return processing.entry == entry; }) = processing_.back();
  processing_.pop_back();
  Place(*entry, now);
}

Instant WorkqueueCore::NextDue() const {
  for (const Line& line : lines_) {
    if (line.first != nullptr) return Instant{};
  }
  return timers_.empty() ? kForever : timers_.first().timer.at;
}

Instant WorkqueueCore::NextWake() const {
  const Entry* poll = lines_.back().first;
  const bool only_polls =
      std::all_of(lines_.begin(), lines_.end() - 1, [](const Line& line) { return line.first == nullptr; });
  if (poll == nullptr || !only_polls) return NextDue();
  const Instant patient = After(poll->due, kPollPatience);
  return timers_.empty() ? patient : std::min(patient, timers_.first().timer.at);
}

Instant WorkqueueCore::DueAfterNext() const { return timers_.second(); }

WorkqueueStats WorkqueueCore::stats() const {
  WorkqueueStats stats = stats_;
  stats.held = held_.size();
  stats.processing = processing_.size();
  stats.delayed = timers_.size();
  return stats;
}

std::optional<std::pair<kube::ObjectKey, Duration>> WorkqueueCore::LongestRunning(Instant now) const {
  const auto longest =
      std::min_element(processing_.begin(), processing_.end(),
                       [](const Processing& a, const Processing& b) { return a.taken_at < b.taken_at; });
  if (longest == processing_.end()) return std::nullopt;
  return std::pair(longest->entry->key(), now - longest->taken_at);
}

Duration WorkqueueCore::UnfinishedWork(Instant now) const {
  Duration sum = Duration::zero();
  for (const Processing& processing : processing_) sum += now - processing.taken_at;
  return sum;
}

}  // namespace capstan::runtime
