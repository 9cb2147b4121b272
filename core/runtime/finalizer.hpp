// Adds and removes one finalizer by a patch that holds only while nobody else has written the
// object.
//
// A merge patch replaces the whole list, so each carries the resourceVersion of the object it was
// computed from: another writer's finalizer is never lost. One request each, no retries;
// Code::kConflict means: read again and decide again.
// Functions without state; thread-safe, as the Client is.
#pragma once

#include <string>

#include <capstan/core/kube/client.hpp>

namespace capstan::runtime {

// The object with the finalizer; without a request when it has it already. Errors: those of
// Client::Patch, and kFailedPrecondition when the object is being deleted (the server accepts no
// new finalizers then).
Result<kube::Object> AddFinalizer(kube::Client& client, const kube::Kind& kind, const kube::Object& object,
                                  const std::string& finalizer, const Context& context);

// Nothing when the object is gone (now, or it was already), else the object without the finalizer;
// without a request when it does not have it. Errors: those of Client::Patch except kNotFound.
Result<std::optional<kube::Object>> RemoveFinalizer(kube::Client& client, const kube::Kind& kind,
                                                    const kube::Object& object, const std::string& finalizer,
                                                    const Context& context);

}  // namespace capstan::runtime
