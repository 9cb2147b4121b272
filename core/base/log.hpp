// Log receives structured log lines: a constant message and named fields.
//
// The program chooses the format (apps/ writes to glog). The sink escapes values. A Secret prints
// ***; no other type may contain secret data. Thread-safe. A call never blocks for long and cannot
// fail.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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
  // Enabled for the lines of one module (ModuleLog); a program can set a level for each module.
  virtual bool EnabledFor(std::string_view /*module*/, LogLevel level) const { return Enabled(level); }
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

// Log lines of one module: they carry the field `module`, and the program can set a level for the
// module. `module` must be a literal. `next` must outlive this.
class ModuleLog final : public Log {
 public:
  ModuleLog(Log& next, std::string_view module) : next_(next), module_(module) {}
  bool Enabled(LogLevel level) const override { return next_.EnabledFor(module_, level); }
  bool EnabledFor(std::string_view module, LogLevel level) const override {
    return next_.EnabledFor(module, level);
  }
  // A line belongs to the innermost module.
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override {
    for (const LogField& field : fields) {
      if (field.key == "module") return next_.Write(level, message, fields);
    }
    std::vector<LogField> more = fields;
    more.emplace_back("module", module_);
    next_.Write(level, message, more);
  }

 private:
  Log& next_;
  const std::string_view module_;
};

// Adds the same fields to the end of each line, for lines about one operation. `next` must outlive
// this.
class FieldedLog final : public Log {
 public:
  FieldedLog(Log& next, std::vector<LogField> fields) : next_(next), fields_(std::move(fields)) {}
  bool Enabled(LogLevel level) const override { return next_.Enabled(level); }
  bool EnabledFor(std::string_view module, LogLevel level) const override {
    return next_.EnabledFor(module, level);
  }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override {
    std::vector<LogField> more = fields;
    more.insert(more.end(), fields_.begin(), fields_.end());
    next_.Write(level, message, more);
  }

 private:
  Log& next_;
  const std::vector<LogField> fields_;
};

// Discards every line.
class SilentLog final : public Log {
 public:
  bool Enabled(LogLevel) const override { return false; }
  void Write(LogLevel, std::string_view, const std::vector<LogField>&) override {}
};

// Records every line as `level message key=value ...`, for tests that check what was logged (or
// that a secret was not).
class RecordingLog final : public Log {
 public:
  bool Enabled(LogLevel) const override { return true; }
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) override;
  std::vector<std::string> Lines() const;
  bool Contains(std::string_view text) const;

 private:
  // Guarded by mutex_.
  mutable Mutex mutex_;  // innermost: logging is allowed under any lock
  std::vector<std::string> lines_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan
