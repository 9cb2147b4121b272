// StandardErrorLog writes each event as one line (log_line.hpp) to standard error. A thread that
// logs never waits for the reader: lines go through a LogOutlet. No library. Thread-safe. One per
// process.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <capstan/core/program/log_line.hpp>
#include <capstan/core/program/log_outlet.hpp>

namespace capstan::program {

// An outlet to standard error whose line about dropped ones is in the format of the settings.
LogOutletOptions StandardErrorOutlet(const Clock& clock, const LogSettings& settings);

class StandardErrorLog final : public Log {
 public:
  // `scheduler` must outlive it, and its tasks be threads.
  StandardErrorLog(Scheduler& scheduler, const LogSettings& settings)
      : clock_(scheduler),
        settings_(settings),
        outlet_(scheduler, StandardErrorOutlet(scheduler, settings)) {}
  bool Enabled(LogLevel level) const override { return level >= settings_.least; }
  bool EnabledFor(std::string_view module, LogLevel level) const override {
    return level >= settings_.LeastOf(module);
  }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override;
  // Lines that were dropped because nobody read them in time.
  std::uint64_t dropped_lines() const { return outlet_.dropped(); }

 private:
  const Clock& clock_;
  const LogSettings settings_;
  LogOutlet outlet_;
};

// Writes all of `text` to standard error at once, waiting for its reader: for the last words of a
// program.
void WriteToStandardError(std::string_view text);

}  // namespace capstan::program
