// Labels the objects that have no label of this division, page by page: when an operator with a
// hundred thousand objects begins to divide them, memory holds one page and not all of them.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/kube/client.hpp>

namespace capstan::shards {

// In these namespaces, or everywhere if there are none. Objects that the server refuses to change
// are left out. Errors: those of Client::ListMetadata and Client::Patch, when the next object would
// get the same one.
Status LabelStrays(kube::Client& client, const kube::Kind& kind, const std::vector<std::string>& namespaces,
                   int shards, const Context& context);

}  // namespace capstan::shards
