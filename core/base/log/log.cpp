#include <capstan/core/base/log.hpp>

#include <algorithm>

namespace capstan {

void RecordingLog::Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
  static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
  std::string line = kNames[static_cast<int>(level)];
  line += ' ';
  line += message;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    line += field.value;
  }
  MutexLock lock(mutex_);
  lines_.push_back(std::move(line));
}

std::vector<std::string> RecordingLog::Lines() const {
  MutexLock lock(mutex_);
  return lines_;
}

bool RecordingLog::Contains(std::string_view text) const {
  MutexLock lock(mutex_);
  return std::any_of(lines_.begin(), lines_.end(),
                     [text](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace capstan
