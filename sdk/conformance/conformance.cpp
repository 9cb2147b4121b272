#include <capstan/sdk/conformance/conformance.hpp>

#include <capstan/sdk/conformance/suite.hpp>

namespace capstan::conformance {

std::vector<Finding> Suite::Run() {
  Check("The manifest is complete and serves the kind", [&] { Manifest(); });
  if (!external_) return std::move(findings_);
  Check("A kind that it does not serve is refused", [&] { UnknownKind(); });
  Check("Missing credentials are refused", [&] { MissingCredentials(); });
  Check("The plan for a missing object is to create it, and sends no request", [&] { PlanOfCreation(); });
  if (!subject_.asks_the_cloud) return std::move(findings_);
  Check("The cloud answers", [&] { Reach(); });
  Check("Wrong credentials are unauthenticated, and nothing else follows from them",
        [&] { WrongCredentials(); });
  Check("The account is the same each time", [&] { Account(); });
  Check("What exists already can be distinguished from what the run creates", [&] { ListExisting(); });
  Check("Get of an id that no object has says not found", [&] { GetAbsent(); });
  Check("Delete of an id that no object has says not found or done", [&] { DeleteAbsent(); });
  Check("Adopt of an id that no object has says not found", [&] { AdoptAbsent(); });
  Check("Each catalog lists what the cloud offers, and no other catalog exists", [&] { Offers(); });
  Check("An id with special characters reaches no object", [&] { OddIds(); });
  Check("A cancelled create sends nothing", [&] { Cancelled(); });
  Check("A create past its deadline sends nothing", [&] { PastDeadline(); });
  Check("A create that could not connect creates nothing", [&] { NoConnection(); });
  Check("A create that the cloud refuses is rejected, with its status", [&] { Refused(); });
  Check("A create that gets a 5xx is unknown", [&] { ServerError(); });
  Check("Errors of Get and Find never count as absence", [&] { ErrorsAreNotAbsence(); });
  Check("Answers that are cut or malformed are errors", [&] { Malformed(); });
  Check("A wait that the cloud asks for is reported", [&] { RetryAfter(); });
  Check("A create whose answer is lost is unknown, and Find finds it", [&] { LostAnswer(); });
  Check("Create returns an id after one request that carries both identity tags", [&] { Create(); });
  if (!id_.empty()) {
    Check("Find shows it by its identity, with both tags", [&] { FindOwn(); });
    Check("Find shows a namesake of another identity", [&] { FindNamesake(); });
    Check("Find shows no objects of others", [&] { FindNothing(); });
    Check("It becomes ready", [&] { Ready(); });
    Check("Get shows the same as Find, and documents that are JSON", [&] { GetOwn(); });
    Check("Many calls at once answer as a single one does", [&] { AtOnce(); });
    Check("List shows it on exactly one page", [&] { List(); });
    if (subject_.fill > 0) Check("Find reads all pages", [&] { Pages(); });
    Check("Adopt puts both tags on it in one request", [&] { Adopt(); });
    // Reports no check that the suite cannot perform.
    if (subject_.tags) Check("Adopt keeps the tags of others", [&] { AdoptKeeps(); });
    Check("An adoption that the cloud refuses is rejected, and one that gets a 5xx unknown",
          [&] { AdoptBroken(); });
    Check("The list of what would stay behind is complete, or an error", [&] { Associated(); });
    Check("Notices come in the order of their times, and a later question returns later ones only",
          [&] { Notices(); });
    Check("The plan of an object as desired is empty and sends no request", [&] { PlanOfNothing(); });
    Check("A plan says field by field what differs", [&] { Differences(); });
    Check("A change is planned, carried out, and then no longer planned", [&] { Change(); });
    Check("Connection details exist once it is connectable", [&] { Connection(); });
    Check("Delete begins its deletion, and may be repeated", [&] { Delete(); });
    Check("Then it is gone for Get and Find", [&] { Gone(); });
  }
  // Also after an interruption: created objects must not be left behind.
  const bool cut = std::exchange(stopped_, false);
  const bool made =
      std::any_of(attempts_.begin(), attempts_.end(), [](const auto& one) { return one.second.maybe; });
  if (!cut || made) Check("What the run created is deleted again", [&] { CleanUp(); });
  if (!cut) Check("No secret is in any error or log line", [&] { Secrets(); });
  return std::move(findings_);
}

std::vector<Finding> Verify(const Subject& subject, const Context& context) {
  return Suite(subject, context).Run();
}

bool AllPassed(const std::vector<Finding>& findings) {
  return !findings.empty() && std::none_of(findings.begin(), findings.end(), [](const Finding& one) {
    return one.verdict == Verdict::kFailed;
  });
}

std::string Report(const std::vector<Finding>& findings) {
  std::string report;
  int counts[3] = {0, 0, 0};
  for (const Finding& one : findings) {
    ++counts[static_cast<int>(one.verdict)];
    report += one.verdict == Verdict::kPassed   ? "passed    "
              : one.verdict == Verdict::kFailed ? "FAILED    "
                                                : "left out  ";
    report += one.check;
    if (!one.why.empty()) report += ": " + one.why;
    report += "\n";
    for (const std::string& note : one.notes) report += "          note: " + note + "\n";
  }
  return report + StrCat(counts[0], " passed, ", counts[1], " failed, ", counts[2], " left out\n");
}

std::string ReportAsTap(const Finding& finding, std::size_t number) {
  // Descriptions must not contain line breaks or the beginning of a directive.
  const auto plain = [](std::string text) {
    for (char& c : text) {
      if (c == '\n' || c == '\r') c = ' ';
      if (c == '#') c = '*';
    }
    return text;
  };
  if (finding.bails_out) return StrCat("Bail out! ", plain(finding.why), "\n");
  std::string line =
      StrCat(finding.verdict == Verdict::kFailed ? "not ok " : "ok ", number, " - ", plain(finding.check));
  if (finding.verdict == Verdict::kLeftOut) line += " # SKIP " + plain(finding.why);
  if (finding.verdict == Verdict::kFailed) line += "\n# " + plain(finding.why);
  line += "\n";
  for (const std::string& note : finding.notes) line += "# note: " + plain(note) + "\n";
  return line;
}

}  // namespace capstan::conformance
