#include <capstan/core/external/external.hpp>

namespace capstan::external {

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kCreating:
      return "Creating";
    case Phase::kReady:
      return "Ready";
    case Phase::kUpdating:
      return "Updating";
    case Phase::kDegraded:
      return "Degraded";
    case Phase::kFailed:
      return "Failed";
    case Phase::kDeleting:
      return "Deleting";
  }
  return "Unknown";
}

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDone:
      return "done";
    case Verdict::kWait:
      return "wait";
    case Verdict::kRejected:
      return "rejected";
    case Verdict::kUnknown:
      return "unknown";
    case Verdict::kNotFound:
      return "not_found";
  }
  return "unknown";
}

Result<Page> External::List(const std::string&, const Context&) {
  return Fail(Code::kUnimplemented, "this provider cannot list");
}

Outcome External::Adopt(const std::string& id, const Identity&, const Context&) {
  return Outcome{Verdict::kRejected, "",
                 MakeError(Code::kUnimplemented,
                           "this provider cannot adopt " + id + ", because it cannot tag what exists")};
}

Result<std::vector<Associated>> External::ListAssociated(const std::string&, const Context&) {
  return Fail(Code::kUnimplemented, "this provider cannot list what was created through its objects");
}

Result<Plan> External::MakePlan(const std::string&, const Observed&) const { return Plan{}; }

Outcome External::Apply(const std::string&, const Step& step, const Identity&, const Context&) {
  return Outcome{Verdict::kRejected, "",
                 MakeError(Code::kUnimplemented, "this provider cannot carry out the step \"" + step.verb +
                                                     "\" on " + step.target)};
}

Result<Connection> External::ReadConnection(const std::string&, const std::string&, const Context&) {
  return Fail(Code::kUnimplemented, "this provider has no connection details");
}

Result<std::vector<Offer>> External::Offers(const std::string& catalog, const Context&) {
  return Fail(Code::kUnimplemented, "this provider offers no " + catalog);
}

Result<std::vector<Notice>> External::Notices(const std::string&, const std::string&, const Context&) {
  return Fail(Code::kUnimplemented, "this provider has no notices");
}

}  // namespace capstan::external
