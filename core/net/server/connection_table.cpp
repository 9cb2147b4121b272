#include <capstan/core/net/server/connection_table.hpp>

#include <algorithm>

namespace capstan::net {
namespace {

// A client that reads its response never makes the server wait longer than this.
constexpr Duration kWritingTime = std::chrono::seconds(1);

}  // namespace

ConnectionTable::Entries::iterator ConnectionTable::FirstToLeave(Instant now) {
  auto first = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->leave.stop_requested() || entry->phase == ConnectionPhase::kProcessing) continue;
    if (entry->phase == ConnectionPhase::kWritingResponse && now - entry->since < kWritingTime) continue;
    const bool before = first == entries_.end() || entry->phase < first->phase ||
                        (entry->phase == first->phase && entry->since < first->since);
    if (before) first = entry;
  }
  return first;
}

std::optional<ConnectionTable::Entries::iterator> ConnectionTable::Arrive(Instant accepted, Instant now) {
  MutexLock lock(mutex_);
  const auto staying = std::count_if(entries_.begin(), entries_.end(),
                                     [](const Entry& entry) { return !entry.leave.stop_requested(); });
  auto first = entries_.end();
  if (static_cast<std::size_t>(staying) >= limit_) {
    first = FirstToLeave(now);
    if (first == entries_.end()) return std::nullopt;
  }
  const auto newcomer =
      entries_.insert(entries_.end(), Entry{ConnectionPhase::kReadingRequest, accepted, accepted, {}});
  if (first == entries_.end()) return newcomer;
  const bool overtaken = first->phase == ConnectionPhase::kReadingRequest && accepted < first->accepted;
  (overtaken ? newcomer : first)->leave.request_stop();  // wakes its thread, and does nothing else
  return newcomer;
}

void ConnectionTable::Leave(Entries::iterator entry) {
  MutexLock lock(mutex_);
  entries_.erase(entry);
}

void ConnectionTable::Set(Entries::iterator entry, ConnectionPhase phase, Instant now) {
  MutexLock lock(mutex_);
  entry->phase = phase;
  entry->since = now;
}

Seat::Seat(ConnectionTable& table, const std::stop_token& stop, Instant accepted, Instant now)
    : table_(table),
      entry_(table.Arrive(accepted, now)),
      leave_(entry_ ? (*entry_)->leave : std::stop_source()),
      stop_(leave_.get_token()),
      pass_(stop, Pass{leave_}) {}

Seat::~Seat() {
  if (entry_) table_.Leave(*entry_);
}

}  // namespace capstan::net
