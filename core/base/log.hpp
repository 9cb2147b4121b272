// Log is where the code reports what happened: a constant sentence and named fields.
//
// The program decides on the format (apps/ writes to glog). The sink escapes values. A Secret prints
// ***; no other type may hold one. Thread-safe. A call never blocks for long and cannot fail.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  template <class T>
  LogField(std::string_view name, const T& field_value) : key(name) {
    AppendText(value, field_value);
  }
  std::string_view key;  // a literal
  std::string value;
};

class Log {
 public:
  virtual ~Log() = default;
  virtual bool Enabled(LogLevel level) const = 0;
  virtual void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) = 0;

  // Each writes a line at its level, if that level is enabled.
  void Debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    At(LogLevel::kDebug, message, fields);
  }
  void Info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    At(LogLevel::kInfo, message, fields);
  }
  void Warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
    At(LogLevel::kWarning, message, fields);
  }
  void Error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    At(LogLevel::kError, message, fields);
  }

 private:
  void At(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    if (Enabled(level)) Write(level, message, std::vector<LogField>(fields));
  }
};

// Drops every line.
class SilentLog final : public Log {
 public:
  bool Enabled(LogLevel) const override { return false; }
  void Write(LogLevel, std::string_view, const std::vector<LogField>&) override {}
};

// Keeps every line as `level message key=value ...`, for tests that check what was logged (or that a
// secret was not).
class RecordingLog final : public Log {
 public:
  bool Enabled(LogLevel) const override { return true; }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override;
  std::vector<std::string> Lines() const;
  bool Contains(std::string_view text) const;

 private:
  mutable Mutex mutex_;  // innermost: logging is allowed under any lock
  std::vector<std::string> lines_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan
