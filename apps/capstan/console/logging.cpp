#include <capstan/apps/capstan/console/logging.hpp>

#include <gflags/gflags.h>
#include <glog/logging.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>

DEFINE_string(log_format, "text", "format of log lines: text (key=value) or json");
DEFINE_string(log_level, "info", "least severe level to log: debug, info, warning or error");

namespace capstan::app {

const char kLoggingFlags[] = __FILE__;
namespace {

constexpr std::array<const char*, 4> kUpper = {"DEBUG", "INFO", "WARNING", "ERROR"};
constexpr std::array<const char*, 4> kLower = {"debug", "info", "warning", "error"};

std::string TextValue(const std::string& value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '=' && c != 0x7F;
  });
  return plain ? value : json::Quote(value);
}

// glog is the outlet: it hands each message, already formatted by us, to this sink as one piece.
class StandardErrorSink final : public google::LogSink {
 public:
  void send(google::LogSeverity, const char*, const char*, int, const struct ::tm*, const char* message,
            std::size_t length) override {
    std::string line(message, length);
    line += '\n';
    std::size_t written = 0;
    while (written < line.size()) {
      const ssize_t put = ::write(STDERR_FILENO, line.data() + written, line.size() - written);
      if (put <= 0) return;  // nobody reads our log: there is no one left to tell
      written += static_cast<std::size_t>(put);
    }
  }
};

class GlogLogging final : public Logging, public Log {
 public:
  GlogLogging(const char* program, const Clock& clock, bool json, LogLevel least)
      : clock_(clock), json_(json), least_(least) {
    google::InitGoogleLogging(program);
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
  Log& log() override { return *this; }
  bool Enabled(LogLevel level) const override { return level >= least_; }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override {
    // glog cuts messages at 30,000 bytes, which would break a JSON line in two.
    const std::string line = Shorten(FormatLogLine(json_, level, clock_.WallNow(), message, fields), 29'000);
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
  StandardErrorSink sink_;
  const Clock& clock_;
  const bool json_;
  const LogLevel least_;
};

// Everything after `mark` up to a blank, quote or separator becomes ***.
void MaskAfter(std::string& text, std::string_view mark) {
  std::size_t at = 0;
  while ((at = text.find(mark, at)) != std::string::npos) {
    at += mark.size();
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'&,;}", at), text.size());
    if (end > at) text.replace(at, end - at, "***");
  }
}

}  // namespace

std::string MaskCredentials(std::string text) {
  for (const char* mark :
       {"Bearer ", "bearer ", "token=", "password=", "secret=", "dop_v1_", "doo_v1_", "dor_v1_"}) {
    MaskAfter(text, mark);
  }
  return text;
}

std::string FormatLogLine(bool json, LogLevel level, WallTime time, std::string_view message,
                          const std::vector<LogField>& fields) {
  std::string line;
  if (json) {
    line = StrCat("{\"time\":\"", FormatRfc3339Micro(time), "\",\"level\":\"",
                  kLower[static_cast<std::size_t>(level)],
                  "\",\"message\":", json::Quote(MaskCredentials(std::string(message))));
    for (const LogField& field : fields)
      line += StrCat(",", json::Quote(field.key), ":", json::Quote(MaskCredentials(field.value)));
    return line + "}";
  }
  std::string text(message);
  std::replace(text.begin(), text.end(), '\n', ' ');
  line = StrCat(FormatRfc3339Micro(time), " ", kUpper[static_cast<std::size_t>(level)], " ",
                MaskCredentials(text));
  for (const LogField& field : fields)
    line += StrCat(" ", field.key, "=", TextValue(MaskCredentials(field.value)));
  return line;
}

Result<std::unique_ptr<Logging>> StartLogging(const char* program, const Clock& clock) {
  if (FLAGS_log_format != "text" && FLAGS_log_format != "json") {
    return Fail(Code::kInvalidArgument, "--log_format is text or json, not \"" + FLAGS_log_format + "\"");
  }
  const auto level = std::find(kLower.begin(), kLower.end(), FLAGS_log_level);
  if (level == kLower.end()) {
    return Fail(Code::kInvalidArgument,
                "--log_level is debug, info, warning or error, not \"" + FLAGS_log_level + "\"");
  }
  return std::unique_ptr<Logging>(std::make_unique<GlogLogging>(
      program, clock, FLAGS_log_format == "json", static_cast<LogLevel>(level - kLower.begin())));
}

}  // namespace capstan::app
