#include <capstan/apps/capstan/console/logging.hpp>

#include <gflags/gflags.h>
#include <glog/logging.h>

#include <capstan/core/program/folding_log.hpp>
#include <capstan/core/program/log_line.hpp>
#include <capstan/core/program/standard_error_log.hpp>

DEFINE_string(log_format, "text", "format of log lines: text (key=value) or json");
DEFINE_string(log_level, "info", "least severe level to log: debug, info, warning or error");
DEFINE_string(log_levels, "",
              "levels of single modules, such as cloud=debug,watch=error; the modules are cloud, controller, "
              "events, kubernetes, lease, local and watch");

namespace capstan::app {

const char kLoggingFlags[] = __FILE__;

namespace {

// glog passes each message, already formatted by us, to this sink as one piece.
class OutletSink final : public google::LogSink {
 public:
  explicit OutletSink(program::LogOutlet& outlet) : outlet_(outlet) {}
  void send(google::LogSeverity, const char*, const char*, int, const struct ::tm*, const char* message,
            std::size_t length) override {
    outlet_.Put(std::string(message, length));
  }

 private:
  program::LogOutlet& outlet_;
};

class GlogLogging final : public Logging, public Log {
 public:
  GlogLogging(const char* name, Scheduler& scheduler, const program::LogSettings& settings)
      : clock_(scheduler),
        settings_(settings),
        outlet_(scheduler, program::StandardErrorOutlet(scheduler, settings)) {
    google::InitGoogleLogging(name);
    FLAGS_logtostderr = false;
    FLAGS_alsologtostderr = false;
    FLAGS_stderrthreshold = google::NUM_SEVERITIES;
    for (int severity = 0; severity < google::NUM_SEVERITIES; ++severity)
      google::SetLogDestination(severity, "");
    google::AddLogSink(&sink_);
  }
  ~GlogLogging() override {
    google::RemoveLogSink(&sink_);
    google::ShutdownGoogleLogging();
  }
  Log& log() override { return folding_; }
  std::uint64_t dropped_lines() const override { return outlet_.dropped(); }
  bool Enabled(LogLevel level) const override { return level >= settings_.least; }
  bool EnabledFor(std::string_view module, LogLevel level) const override {
    return level >= settings_.LeastOf(module);
  }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override {
    const std::string line = program::FormatLogLine(settings_.json, level, clock_.WallNow(), message, fields);
    switch (level) {
      case LogLevel::kDebug:
      case LogLevel::kInfo:
        LOG(INFO) << line;
        break;
      case LogLevel::kWarning:
        LOG(WARNING) << line;
        break;
      case LogLevel::kError:
        LOG(ERROR) << line;
        break;
    }
  }

 private:
  const Clock& clock_;
  const program::LogSettings settings_;
  program::LogOutlet outlet_;
  OutletSink sink_{outlet_};
  program::FoldingLog folding_{*this, clock_};
};

}  // namespace

Result<std::unique_ptr<Logging>> StartLogging(const char* name, Scheduler& scheduler) {
  CAPSTAN_TRY(const program::LogSettings settings,
              program::ParseLogSettings(FLAGS_log_format, FLAGS_log_level, FLAGS_log_levels));
  return std::unique_ptr<Logging>(std::make_unique<GlogLogging>(name, scheduler, settings));
}

}  // namespace capstan::app
