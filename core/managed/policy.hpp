// What a spec permits, with the defaults for adoption: an object that takes over something existing
// is careful unless the spec says otherwise. Shared by the reconciler and `capstan plan`. Pure
// functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>
#include <capstan/core/managed/record.hpp>

namespace capstan::managed {

// The first of the core's fields in a spec that is invalid, as one sentence that names the field
// and its valid values; empty: all are valid. An absent field and null are valid. While any field
// is invalid, nothing is created, changed or removed: a misspelt setting must not fall back to its
// default.
std::string InvalidCoreField(const kube::Object& object, const external::KindInfo& info);

// Bounds of spec.createTimeoutSeconds: a cloud gets at least a minute, and after a day at most the
// user hears that it takes too long.
inline constexpr std::int64_t kLeastCreateTimeout = 60, kMostCreateTimeout = 86'400;

struct AdoptionRequest {
  std::string id, name;  // one of the two; the id counts if both are given
};
// The object named by spec.adopt; nullopt if it is not set.
std::optional<AdoptionRequest> RequestedAdoption(const kube::Object& object, const external::KindInfo& info);
// managementPolicy ReadOnly. The rule, for every code path: the object refers to a cloud object of
// another owner. It is observed, its status shown and its connection Secret filled, and nothing
// else happens in the cloud: no tag, no claim, no plan, no change, no removal (but a cloud that
// mints the content of the connection Secret is asked for it). An object that had created or
// adopted its cloud object before keeps representing it, and leaves it in place when the object is
// deleted.
bool RefersOnly(const kube::Object& object);
// The cloud object a ReadOnly object refers to: the one spec.adopt names, otherwise the one called
// spec.name, otherwise the one with the object's own name. REQUIRES: RefersOnly.
AdoptionRequest Reference(const kube::Object& object, const external::KindInfo& info);
// Nothing is created, changed or removed in the cloud: managementPolicy Observe or ReadOnly.
bool ObservesOnly(const kube::Object& object, const Record& record);
// "Observe" or "ReadOnly". REQUIRES: ObservesOnly.
std::string ObservingPolicy(const kube::Object& object);
// How long a creation may take: spec.createTimeoutSeconds, otherwise the kind's default, otherwise
// half an hour.
Duration CreateTimeout(const kube::Object& object, const external::KindInfo& info);
// The cloud object stays when the Kubernetes object is deleted.
bool Retains(const kube::Object& object, const Record& record);
// A cloud object that vanished is created again.
bool RecreatesLost(const kube::Object& object, const Record& record, const external::KindInfo& info);
// Whether a resource that was created through the cloud object is removed with it, according to
// spec.associatedResources; otherwise it stays. REQUIRES: the spec is valid.
bool IsDeletedWithIt(const kube::Object& object, const external::Associated& item);
// Readable text such as "volumes vol-1 (pvc-1), 10.00 a month", joined by semicolons and shortened
// if there are many.
std::string DescribeAssociated(const std::vector<external::Associated>& items);
// Everything that the plan destroys may be destroyed: the spec allows it in general, or an
// annotation names this plan or one that included all of it.
bool Approves(const kube::Object& object, const Record& record, const external::Plan& plan);
// The command line that adopts `id`: "kubectl patch ...".
std::string AdoptionLine(const kube::Object& object, const external::KindInfo& info, const std::string& id);

// Whether a recorded account is an account id. Credentials that may not read their account stand
// for themselves ("credentials:<fingerprint>").
bool IsAccountId(const std::string& account);

}  // namespace capstan::managed
