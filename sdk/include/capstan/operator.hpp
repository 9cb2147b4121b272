// What authors of operators include: Operator, Turn, and the kinds of Kubernetes itself. See
// docs/embedding.md.
#pragma once

#include <capstan/core/kube/builtin_kinds.hpp>
#include <capstan/core/operator/managed_kinds.hpp>
#include <capstan/core/operator/operator.hpp>
