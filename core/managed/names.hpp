// The names that the core writes into Kubernetes objects, and what users write for it to read.
// Stable: a released name is never changed.
#pragma once

#include <capstan/core/external/tags.hpp>

namespace capstan::managed {

// On every object that stands for something in a cloud. Leaves last.
inline constexpr char kFinalizer[] = "capstan.dev/cleanup";
// On the Secret with the credentials, while an object with our finalizer names it.
inline constexpr char kInUseFinalizer[] = "capstan.dev/in-use";

// Written by us: JSON {"id","account","uid"}, the mirror of status.external on objects that lost
// their status.
inline constexpr char kExternalAnnotation[] = "capstan.dev/external";
// Written by users on the object.
inline constexpr char kAbandonAnnotation[] =
    "capstan.dev/abandon";  // the id or the uid: let go, keep the cloud object
inline constexpr char kCredentialsAnnotation[] =
    "capstan.dev/credentials";                                       // other credentials for the deletion
inline constexpr char kApproveAnnotation[] = "capstan.dev/approve";  // the hash of the plan that may destroy
inline constexpr char kPausedAnnotation[] = "capstan.dev/paused";  // "true": nothing is changed in the cloud
inline constexpr char kResolveAnnotation[] = "capstan.dev/resolve";  // "<attempt>=none" or "<attempt>=<id>"
// Written by users on the object, and passed on to the provider in the desired document. Entries
// that are used up (Step::consumes, Plan::spent) are taken out again.
inline constexpr const char* kRequestAnnotations[] = {"capstan.dev/delete-nodes", "capstan.dev/replace-nodes",
                                                      "capstan.dev/skip-drain", "capstan.dev/reset-count"};
// Written by users on a Secret: the other namespaces that may use it, separated by commas, or "*".
inline constexpr char kAllowNamespacesAnnotation[] = "capstan.dev/allow-namespaces";
// Written by us on the connection Secret.
inline constexpr char kIssuedAnnotation[] = "capstan.dev/issued-at";
inline constexpr char kExpiresAnnotation[] = "capstan.dev/expires-at";
inline constexpr char kConnectsAnnotation[] = "capstan.dev/connects-to";  // the id
inline constexpr char kContentAnnotation[] = "capstan.dev/content";  // digests of what we wrote, and of why
// The label by which connection Secrets are watched; its value says nothing.
inline constexpr char kConnectionLabel[] = "capstan.dev/connection";

// The prefixes of the two tags.
using external::kIdentityPrefix;
using external::kOwnerPrefix;
// ConfigMaps "<prefix>-<year>-<month>" in the operator's namespace: what was let go.
inline constexpr char kAbandonedPrefix[] = "capstan-abandoned";
// The ConfigMap in the operator's namespace that names the Secrets with kInUseFinalizer.
inline constexpr char kInUseConfigMap[] = "capstan-credentials-in-use";

// pending.step of the creation itself; parts use the target of their step.
inline constexpr char kCreateStep[] = "create";
// pending.step of an adoption; pending.id is what is adopted.
inline constexpr char kAdoptStep[] = "adopt";
// Leases "<prefix>-<id>" in the operator's namespace: who has adopted a cloud object.
// holderIdentity is the uid of the object, which the annotation names: "boxes.example.test shop/a".
inline constexpr char kClaimPrefix[] = "capstan-adopts";
inline constexpr char kClaimantAnnotation[] = "capstan.dev/claimed-by";
// The reason of Events that pass on what a cloud has to tell.
inline constexpr char kNoticeEvent[] = "CloudNotice";
// The reason of the Event that names what stays in the cloud when an object is removed.
inline constexpr char kLeftBehindEvent[] = "LeftBehind";

}  // namespace capstan::managed
