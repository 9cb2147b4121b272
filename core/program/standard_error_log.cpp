#include <capstan/core/program/standard_error_log.hpp>

#include <unistd.h>

#include <cerrno>

namespace capstan::program {

void WriteToStandardError(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(STDERR_FILENO, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

LogOutletOptions StandardErrorOutlet(const Clock& clock, const LogSettings& settings) {
  LogOutletOptions options;
  options.descriptor = STDERR_FILENO;
  options.dropped = [&clock, json = settings.json](std::uint64_t count) {
    return FormatLogLine(json, LogLevel::kWarning, clock.WallNow(),
                         "log lines are missing here: nobody read the log in time", {{"lines", count}});
  };
  return options;
}

void StandardErrorLog::Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
  outlet_.Put(FormatLogLine(settings_.json, level, clock_.WallNow(), message, fields));
}

}  // namespace capstan::program
