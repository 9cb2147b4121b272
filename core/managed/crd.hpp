// What the core itself reads and writes in every object it manages, merged into the
// CustomResourceDefinition of a provider: its author writes down what is the cloud's, and no more.
#pragma once

#include <string>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::managed {

// `crd` (JSON), completed for the kind of `manifest` that it defines; as it is where it defines
// none of them. Into every version come
//   spec     deletionPolicy, deletionProtection, managementPolicy, adopt, allowDestructive,
//            recreateIfLost, createTimeoutSeconds; associatedResources where the kind lists them; the fields that name the
//            Secrets with the credentials and for the connection
//   status   external, conditions, observedGeneration, and the fields that the manifest names (id,
//            phase, connection Secret, plan, associated resources)
//   columns  Ready, Synced and Age, behind the provider's own; the id too, where it has none
// and the status subresource and the label capstan.dev/plugin. A field that is there already stays
// in the provider's words if it means the same; what it lacks below is added. Errors:
// kInvalidArgument, one sentence that names the CRD and the field that clashes (another type,
// missing choices), or that the CRD is not called "<plural>.<group>" or does not define the
// version. Pure; thread-safe.
Result<std::string> CompleteCrd(const std::string& crd, const external::Manifest& manifest);

}  // namespace capstan::managed
