// Names that the core writes into Kubernetes objects, and names that users write for it to read.
// Stable: a released name never changes.
#pragma once

#include <capstan/core/external/tags.hpp>

namespace capstan::managed {

// On every object that represents something in a cloud. Removed last.
inline constexpr char kFinalizer[] = "capstan.dev/cleanup";
// On the credentials Secret, while an object with our finalizer names it.
inline constexpr char kInUseFinalizer[] = "capstan.dev/in-use";

// Written by us: JSON {"id","account","uid"}, a mirror of status.external for objects that lost
// their status.
inline constexpr char kExternalAnnotation[] = "capstan.dev/external";
// Written by users on the object.
// The id or the uid: abandons the cloud object.
inline constexpr char kAbandonAnnotation[] = "capstan.dev/abandon";
// Other credentials for the deletion.
inline constexpr char kCredentialsAnnotation[] = "capstan.dev/credentials";
// The hash of the plan whose destructive steps are approved.
inline constexpr char kApproveAnnotation[] = "capstan.dev/approve";
// "true": nothing in the cloud is changed.
inline constexpr char kPausedAnnotation[] = "capstan.dev/paused";
// "<attempt>=none" or "<attempt>=<id>": the user's statement about an unknown outcome.
inline constexpr char kResolveAnnotation[] = "capstan.dev/resolve";
// Written by users on the object and passed to the provider in the desired document. Consumed
// entries (Step::consumes, Plan::spent) are removed again.
inline constexpr const char* kRequestAnnotations[] = {"capstan.dev/delete-nodes", "capstan.dev/replace-nodes",
                                                      "capstan.dev/skip-drain", "capstan.dev/reset-count"};
// Written by users on a Secret: other namespaces that may use it, separated by commas, or "*".
inline constexpr char kAllowNamespacesAnnotation[] = "capstan.dev/allow-namespaces";
// Written by us on the connection Secret.
inline constexpr char kIssuedAnnotation[] = "capstan.dev/issued-at";
inline constexpr char kExpiresAnnotation[] = "capstan.dev/expires-at";
inline constexpr char kConnectsAnnotation[] = "capstan.dev/connects-to";  // the id
// Digests of the content we wrote, and of what it depended on.
inline constexpr char kContentAnnotation[] = "capstan.dev/content";
// Label by which connection Secrets are watched; its value has no meaning.
inline constexpr char kConnectionLabel[] = "capstan.dev/connection";

// Prefixes of the two tags.
using external::kIdentityPrefix;
using external::kOwnerPrefix;
// ConfigMaps "<prefix>-<year>-<month>" in the operator's namespace: what was abandoned.
inline constexpr char kAbandonedPrefix[] = "capstan-abandoned";
// ConfigMap in the operator's namespace that lists the Secrets with kInUseFinalizer.
inline constexpr char kInUseConfigMap[] = "capstan-credentials-in-use";

// pending.step of the creation itself; parts use the target of their step.
inline constexpr char kCreateStep[] = "create";
// pending.step of an adoption; pending.id is the object being adopted.
inline constexpr char kAdoptStep[] = "adopt";
// Leases "<prefix>-<id>" in the operator's namespace: which object has adopted a cloud object.
// holderIdentity is the uid of the object, and the annotation names it: "boxes.example.test
// shop/a".
inline constexpr char kClaimPrefix[] = "capstan-adopts";
inline constexpr char kClaimantAnnotation[] = "capstan.dev/claimed-by";
// Reason of Events that pass on a notice of the cloud.
inline constexpr char kNoticeEvent[] = "CloudNotice";
// Reason of the Event that names what stays in the cloud when an object is removed.
inline constexpr char kLeftBehindEvent[] = "LeftBehind";

}  // namespace capstan::managed
