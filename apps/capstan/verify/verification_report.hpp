// What `capstan plugins verify` prints, as --output wants it: the findings as they come, as the
// Test Anything Protocol has them; or one document at the end.
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

// {"plugin", "kind", "passed", "failed", "skipped", "findings", "bailOut"}: `findings` as
// FindingToJson made them. `bail_out`: why nothing more could be verified; empty: all was.
Json VerificationToJson(const std::string& plugin, const std::string& kind, const std::vector<Json>& findings,
                        const std::string& bail_out);

// For one thread. What it is made with must outlive it.
class VerificationReport {
 public:
  VerificationReport(std::string plugin, std::string kind, OutputFormat format, Progress& progress,
                     std::ostream& out);
  void Add(const conformance::Finding& finding);
  // Prints what is left to print.
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

// The end of a report whose process did not live to print it.
void ReportDeath(const std::string& plugin, const Death& death, OutputFormat format, std::ostream& out);

}  // namespace capstan::app
