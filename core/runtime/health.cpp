#include <capstan/core/runtime/health.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>

namespace capstan::runtime {

void HealthChecks::Add(std::string name, Check check) {
  MutexLock lock(mutex_);
  checks_.emplace_back(std::move(name), std::move(check));
}

void HealthChecks::Remove(const std::string& name) {
  MutexLock lock(mutex_);
  checks_.erase(
      std::remove_if(checks_.begin(), checks_.end(), [&](const auto& check) { return check.first == name; }),
      checks_.end());
}

HealthChecks::Report HealthChecks::Run(bool verbose) const {
  std::vector<std::pair<std::string, Check>> checks;
  {
    MutexLock lock(mutex_);
    checks = checks_;
  }
  Report report;
  std::string lines;
  for (const auto& [name, check] : checks) {
    const Status status = check();
    report.healthy = report.healthy && status.has_value();
    lines += status ? StrCat("[+]", name, " ok\n")
                    : StrCat("[-]", name, " failed: ", status.error().message, "\n");
  }
  if (report.healthy && !verbose) {
    report.text = "ok";
  } else {
    report.text = StrCat(lines, report.healthy ? "check passed\n" : "check failed\n");
  }
  return report;
}

}  // namespace capstan::runtime
