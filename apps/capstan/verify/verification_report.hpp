// The output of `capstan plugins verify` in the format of --output: findings as they come, in the
// Test Anything Protocol; or one document at the end.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <capstan/apps/capstan/verify/supervised.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/sdk/conformance/conformance.hpp>

namespace capstan::app {

// {"check", "result": "passed", "failed" or "skipped", "why", "notes"}.
Json FindingToJson(const conformance::Finding& finding);

// {"plugin", "kind", "passed", "failed", "skipped", "findings", "bailOut"}: `findings` from
// FindingToJson. `bail_out`: why the verification could not continue; empty: it was completed.
Json VerificationToJson(const std::string& plugin, const std::string& kind, const std::vector<Json>& findings,
                        const std::string& bail_out);

// For one thread. The constructor's arguments must outlive it.
class VerificationReport {
 public:
  VerificationReport(std::string plugin, std::string kind, OutputFormat format, Progress& progress,
                     std::ostream& out);
  void Add(const conformance::Finding& finding);
  // Prints the rest.
  void End();

 private:
  const std::string plugin_, kind_;
  const OutputFormat format_;
  Progress& progress_;
  std::ostream& out_;
  std::size_t count_ = 0;
  std::vector<Json> findings_;
  std::string bail_out_;
};

// Prints the end of a report whose process died before it could.
void ReportDeath(const std::string& plugin, const Death& death, OutputFormat format, std::ostream& out);

}  // namespace capstan::app
