// The header for authors of operators: Operator, Turn, and the built-in kinds of Kubernetes. See
// docs/embedding.md.
#pragma once

#include <capstan/core/kube/builtin_kinds.hpp>
#include <capstan/core/operator/managed_kinds.hpp>
#include <capstan/core/operator/operator.hpp>
