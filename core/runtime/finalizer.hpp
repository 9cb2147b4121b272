// Adds and removes one finalizer with a patch that fails if another client has written the object
// meanwhile.
//
// A merge patch replaces the whole list, so each patch carries the resourceVersion of the object it
// was computed from, and another writer's finalizer is never lost. One request each, no retries;
// Code::kConflict means: read the object again, then decide again. Stateless free functions;
// thread-safe, because the Client is.
#pragma once

#include <string>

#include <capstan/core/kube/client.hpp>

namespace capstan::runtime {

// Returns the object with the finalizer; sends no request if it is already there. Errors: those of
// Client::Patch, and kFailedPrecondition when the object is being deleted (the server then accepts
// no new finalizers).
Result<kube::Object> AddFinalizer(kube::Client& client, const kube::Kind& kind, const kube::Object& object,
                                  const std::string& finalizer, const Context& context);

// Returns the object without the finalizer, or nullopt when the object is gone, whether before or
// because of this call. Sends no request if the finalizer is not there. Errors: those of
// Client::Patch except kNotFound.
Result<std::optional<kube::Object>> RemoveFinalizer(kube::Client& client, const kube::Kind& kind,
                                                    const kube::Object& object, const std::string& finalizer,
                                                    const Context& context);

}  // namespace capstan::runtime
