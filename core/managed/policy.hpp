// What a spec allows, with the defaults of adoption: what takes over something that exists is
// careful unless the spec says otherwise. The reconciler goes by these, and so does `capstan plan`.
// Pure functions, thread-safe.
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

// What in the core's own fields of a spec cannot be understood, as one sentence that names the
// field and says what may stand there; empty: all of it is understood. A field that is not there is
// understood, and so is null. While anything is not, nothing is made, changed or removed: a
// misspelt wish must not count as its default.
std::string Misunderstood(const kube::Object& object, const external::KindInfo& info);

// What spec.createTimeoutSeconds may be: a cloud is given a minute, and nothing is waited for
// longer than a day without a word.
inline constexpr std::int64_t kLeastCreateTimeout = 60, kMostCreateTimeout = 86'400;

struct AdoptionWish {
  std::string id, name;  // one of the two; the id counts where both are given
};
// What spec.adopt names; nothing when it is not there.
std::optional<AdoptionWish> WishToAdopt(const kube::Object& object, const external::KindInfo& info);
// managementPolicy ReadOnly. The rule, for every path: the object refers to a cloud object, which
// is another owner's; that is looked at, its status shown and its connection Secret filled, and
// nothing else happens in the cloud: no tag, no claim, no plan, no change, no removal (where a
// cloud mints what goes into the connection Secret, that is asked for). An object that had made or
// adopted its cloud object before goes on standing for it, and leaves it when it goes.
bool RefersOnly(const kube::Object& object);
// What a ReadOnly object refers to: what spec.adopt names, else what is called spec.name, else what
// is called as the object. REQUIRES: RefersOnly.
AdoptionWish Reference(const kube::Object& object, const external::KindInfo& info);
// Nothing is made, changed or removed in the cloud: managementPolicy Observe or ReadOnly.
bool ObservesOnly(const kube::Object& object, const Record& record);
// "Observe" or "ReadOnly". REQUIRES: ObservesOnly.
std::string ObservingPolicy(const kube::Object& object);
// How long what is being made may take: spec.createTimeoutSeconds, else what the kind says, else
// half an hour.
Duration CreateTimeout(const kube::Object& object, const external::KindInfo& info);
// The cloud object stays when the Kubernetes object goes.
bool Retains(const kube::Object& object, const Record& record);
// A cloud object that vanished is made again.
bool MakesLostAgain(const kube::Object& object, const Record& record, const external::KindInfo& info);
// Whether what was made through the cloud object goes with it, by spec.associatedResources; else it
// stays behind. REQUIRES: the spec is understood.
bool GoesToo(const kube::Object& object, const external::Associated& item);
// "volumes vol-1 (pvc-1), 10.00 a month", for people. Joined by semicolons, and shortened where
// there are many.
std::string DescribeAssociated(const std::vector<external::Associated>& items);
// All that the plan destroys may go: the spec says so in general, or an annotation names this plan,
// or one that all of it was part of.
bool Approves(const kube::Object& object, const Record& record, const external::Plan& plan);
// The line to paste that adopts `id`: "kubectl patch ...".
std::string AdoptionLine(const kube::Object& object, const external::KindInfo& info, const std::string& id);

// Whether a recorded account is the id of one. Credentials that may not ask who they are stand for
// themselves ("credentials:<fingerprint>").
bool IsAccountId(const std::string& account);

}  // namespace capstan::managed
