// Which Secret an object's credentials come from, and whether it may use it. The reconciler goes by
// these, and `capstan plan` reads by them. Pure functions, thread-safe.
#pragma once

#include <string>

#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::managed {

// "namespace/name" of the Secret that a field such as "spec.tokenSecret" of an object names; empty
// when it names none. A name without a namespace is of the object's.
std::string SecretNamed(const kube::Object& object, const std::string& field);
// The same by the kind's credentials field; of an object that is being deleted annotation
// capstan.dev/credentials counts first, so that one whose Secret is lost can still be removed.
std::string SecretToUse(const kube::Object& object, const external::KindInfo& info);
// Whether objects of a namespace may use a Secret: it is of that namespace, or allows it by
// annotation capstan.dev/allow-namespaces.
bool MayUse(const kube::Object& secret, const std::string& namespace_);

}  // namespace capstan::managed
