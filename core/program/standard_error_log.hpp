// StandardErrorLog writes each event as one line (log_line.hpp) to standard error. A thread that
// logs never waits for the reader: lines go through a LogOutlet. Uses no library. Thread-safe. One
// per process.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <capstan/core/program/log_line.hpp>
#include <capstan/core/program/log_outlet.hpp>

namespace capstan::program {

// Options of an outlet to standard error that reports dropped lines in the format of the settings.
LogOutletOptions StandardErrorOutlet(const Clock& clock, const LogSettings& settings);

class StandardErrorLog final : public Log {
 public:
  // `scheduler` must outlive it, and its tasks must be threads.
  StandardErrorLog(Scheduler& scheduler, const LogSettings& settings)
      : clock_(scheduler),
        settings_(settings),
        outlet_(scheduler, StandardErrorOutlet(scheduler, settings)) {}
  bool Enabled(LogLevel level) const override { return level >= settings_.least; }
  bool EnabledFor(std::string_view module, LogLevel level) const override {
    return level >= settings_.LeastOf(module);
  }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override;
  // Lines dropped because no reader took them in time.
  std::uint64_t dropped_lines() const { return outlet_.dropped(); }

 private:
  const Clock& clock_;
  const LogSettings settings_;
  LogOutlet outlet_;
};

// Writes `text` to standard error synchronously: for the last message of a program.
void WriteToStandardError(std::string_view text);

}  // namespace capstan::program
