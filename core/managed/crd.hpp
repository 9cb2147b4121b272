// Merges the fields that the core reads and writes in every managed object into a provider's
// CustomResourceDefinition, so that the provider's author describes only what is specific to the
// cloud.
#pragma once

#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::managed {

// Completes `crd` (JSON) for the kind in `manifest` that it defines; returns it unchanged if it
// defines none of them. Adds to every version
//
//   spec     deletionPolicy, deletionProtection, managementPolicy, adopt, allowDestructive,
//            recreateIfLost, createTimeoutSeconds; associatedResources if the kind lists them; the
//            fields that name the credentials Secret and the connection Secret
//   status   external, conditions, observedGeneration, and the fields that the manifest names (id,
//            phase, connection Secret, plan, associated resources)
//   columns  Ready, Synced and Age, after the provider's own; the id too, if the provider shows none
//
// and the status subresource and the label capstan.dev/plugin. A field that already exists keeps
// the provider's description if it means the same; missing nested fields are added. Errors:
// kInvalidArgument, one sentence that names the CRD and the conflicting field (another type,
// missing choices), or says that the CRD is not named "<plural>.<group>" or does not define the
// version. Pure; thread-safe.
Result<std::string> CompleteCrd(const std::string& crd, const external::Manifest& manifest);

}  // namespace capstan::managed
