#include <capstan/apps/capstan/verify/verification_report.hpp>

#include <ostream>
#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

const char* ResultName(conformance::Verdict verdict) {
  switch (verdict) {
    case conformance::Verdict::kPassed:
      return "passed";
    case conformance::Verdict::kFailed:
      return "failed";
    case conformance::Verdict::kLeftOut:
      return "skipped";
  }
  return "failed";
}

std::int64_t CountOf(const std::vector<Json>& findings, std::string_view result) {
  std::int64_t count = 0;
  for (const Json& finding : findings) count += finding["result"].AsString() == result ? 1 : 0;
  return count;
}

}  // namespace

Json FindingToJson(const conformance::Finding& finding) {
  Json one = Json::EmptyObject();
  one.Set("check", finding.check).Set("result", ResultName(finding.verdict));
  if (!finding.why.empty()) one.Set("why", finding.why);
  if (finding.notes.empty()) return one;
  Json notes = Json::EmptyArray();
  for (const std::string& note : finding.notes) notes.Append(note);
  return one.Set("notes", std::move(notes));
}

Json VerificationToJson(const std::string& plugin, const std::string& kind, const std::vector<Json>& findings,
                        const std::string& bail_out) {
  Json document = Json::EmptyObject();
  document.Set("plugin", plugin).Set("kind", kind);
  for (const char* result : {"passed", "failed", "skipped"}) document.Set(result, CountOf(findings, result));
  document.Set("findings", Json(findings));
  if (!bail_out.empty()) document.Set("bailOut", bail_out);
  return document;
}

VerificationReport::VerificationReport(std::string plugin, std::string kind, OutputFormat format,
                                       Progress& progress, std::ostream& out)
    : plugin_(std::move(plugin)), kind_(std::move(kind)), format_(format), progress_(progress), out_(out) {
  if (format_ == OutputFormat::kText) {
    out_ << "TAP version 13\n";
  } else {
    progress_.Keep(kind_);
  }
}

void VerificationReport::Add(const conformance::Finding& finding) {
  if (finding.bails_out) bail_out_ = finding.why;
  if (format_ == OutputFormat::kText) {
    out_ << conformance::ReportAsTap(finding, ++count_) << std::flush;
  } else if (!finding.bails_out) {
    findings_.push_back(FindingToJson(finding));
    progress_.Keep(findings_.back().ToText());
  }
}

void VerificationReport::End() {
  if (format_ != OutputFormat::kText) {
    out_ << Printed(VerificationToJson(plugin_, kind_, findings_, bail_out_).ToText(), format_) << std::flush;
  } else if (bail_out_.empty()) {
    out_ << "1.." << count_ << std::endl;
  }
}

void ReportDeath(const std::string& plugin, const Death& death, OutputFormat format, std::ostream& out) {
  // The report cannot list what was created meanwhile; the names identify it.
  const std::string why =
      StrCat("the plugin ended the process (", death.how, ") in \"", death.during,
             "\"; fix the plugin, and delete by hand what may be left of this run (conformance-...)");
  if (format == OutputFormat::kText) {
    out << "Bail out! " << why << std::endl;
    return;
  }
  std::vector<Json> findings;
  for (std::size_t i = 1; i < death.kept.size(); ++i) {
    if (auto finding = Json::Parse(death.kept[i])) findings.push_back(*std::move(finding));
  }
  const std::string kind = death.kept.empty() ? "" : death.kept[0];
  out << Printed(VerificationToJson(plugin, kind, findings, why).ToText(), format) << std::flush;
}

}  // namespace capstan::app
