// FoldingLog passes on the same event about one object at most once a minute: a cloud that is
// unreachable for an hour causes sixty lines per object, not thousands. Events are the same if they
// have the same level and message, and the same values of the fields that name their subject:
// object, kind, namespace, name, plugin, resource, configmap, lease, effect, target, id. An event
// whose field `error` or `message` changes its words, digits aside, is passed on at once, up to
// four times a minute: a second failure is not hidden by the first one. The next line of an event
// reports in field `repeated` how many were suppressed since the last one. Lines without any of
// these fields are passed on unchanged.
//
// Bounded: it remembers the 4,096 most recently written events. Thread-safe. Log and clock must
// outlive it.
#pragma once

#include <cstdint>
#include <list>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::program {

class FoldingLog final : public Log {
 public:
  FoldingLog(Log& next, const Clock& clock, Duration interval = std::chrono::minutes(1))
      : next_(next), clock_(clock), interval_(interval) {}
  bool Enabled(LogLevel level) const override { return next_.Enabled(level); }
  bool EnabledFor(std::string_view module, LogLevel level) const override {
    return next_.EnabledFor(module, level);
  }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override;

 private:
  static constexpr std::size_t kKept = 4096;
  static constexpr std::size_t kMostWords = 4;
  struct Event {
    std::uint64_t name = 0;  // as a number: the texts would be most of the memory
    Instant written{};       // the first of `words`
    std::uint64_t left_out = 0;
    std::vector<std::uint64_t> words;  // what was written within the interval, as numbers
  };
  using Events = std::list<Event>;  // most recently written first
  // Whether to write the event, and how many were suppressed before it.
  struct Turn {
    bool write = false;
    std::uint64_t repeated = 0;
  };
  Turn Ask(std::uint64_t name, std::uint64_t words) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  Log& next_;
  const Clock& clock_;
  const Duration interval_;

  // Guarded by mutex_.
  Mutex mutex_;  // innermost lock: logging is allowed under any other
  Events events_ CAPSTAN_GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, Events::iterator> known_ CAPSTAN_GUARDED_BY(mutex_);  // by name
};

}  // namespace capstan::program
