// FoldingLog passes the same event about one object on at most once a minute: a cloud that is away
// for an hour is sixty lines of each object, not thousands. Events are the same that have the same
// level and sentence, and the same fields that name what they are about: object, kind, namespace,
// name, plugin, resource, configmap, lease, effect, target, id. The next line of an event says in
// field `repeated` how many were left out since the last one. Lines that name nothing are passed on
// as they are.
//
// Bounded: it remembers the 4,096 events that were written last. Thread-safe. Log and clock must
// outlive it.
#pragma once

#include <cstdint>
#include <list>
#include <string>
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
  struct Event {
    std::string name;
    Instant written{};
    std::uint64_t left_out = 0;
  };
  using Events = std::list<Event>;  // the one that was written last stands first
  // Whether to write it, and how many were left out before.
  struct Turn {
    bool write = false;
    std::uint64_t repeated = 0;
  };
  Turn Ask(std::string name) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  Log& next_;
  const Clock& clock_;
  const Duration interval_;

  // Guarded by mutex_.
  Mutex mutex_;  // innermost: logging is allowed under any lock
  Events events_ CAPSTAN_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Events::iterator> known_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::program
