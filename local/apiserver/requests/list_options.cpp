#include <capstan/local/apiserver/requests/list_options.hpp>

#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {
namespace {

using Errors = std::vector<FieldError>;

constexpr const char* kMatch = "resourceVersionMatch";

void CheckMatchOfList(const RequestInfo& info, const std::string& match, Errors& errors) {
  const std::string version = info.Query("resourceVersion");
  if (version.empty()) {
    errors.push_back(
        ForbiddenField(kMatch, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
  }
  if (!info.Query("continue").empty())
    errors.push_back(ForbiddenField(kMatch, "resourceVersionMatch is forbidden when continue is provided"));
  if (match != "Exact" && match != "NotOlderThan")
    errors.push_back(UnsupportedField(kMatch, match, {"Exact", "NotOlderThan", ""}));
  if (match == "Exact" && version == "0") {
    errors.push_back(
        ForbiddenField(kMatch, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
  }
}

void CheckMatchOfWatch(const RequestInfo& info, const std::string& match, Errors& errors) {
  if (!info.HasQuery("sendInitialEvents") && !BeginsWithState(info)) {
    errors.push_back(ForbiddenField(
        kMatch, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  }
  if (match != "NotOlderThan") errors.push_back(UnsupportedField(kMatch, match, {"NotOlderThan"}));
  if (!info.Query("continue").empty())
    errors.push_back(ForbiddenField(kMatch, "resourceVersionMatch is forbidden when continue is provided"));
}

}  // namespace

bool BeginsWithState(const RequestInfo& info) {
  const std::string version = info.Query("resourceVersion");
  if (info.HasQuery("sendInitialEvents")) return info.QueryFlag("sendInitialEvents");
  return info.Query(kMatch).empty() && (version.empty() || version == "0");
}

Done CheckListOptions(const RequestInfo& info) {
  std::string match = info.Query(kMatch);
  const bool watches = info.verb == "watch", initial = info.HasQuery("sendInitialEvents");
  // Kubernetes sets what a watch without a resourceVersion means.
  if (watches && !initial && BeginsWithState(info)) match = "NotOlderThan";
  Errors errors;
  if (watches && initial && match != "NotOlderThan") {
    errors.push_back(
        ForbiddenField(kMatch, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  }
  if (!match.empty()) (watches ? CheckMatchOfWatch : CheckMatchOfList)(info, match, errors);
  if (!watches && initial)
    errors.push_back(ForbiddenField("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  if (errors.empty()) return {};
  return RefuseWith(InvalidStatus("meta.k8s.io", "ListOptions", "", errors));
}

}  // namespace capstan::apiserver
