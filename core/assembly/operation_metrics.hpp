// Metrics of operations on clouds, in the core's terms: observations, creates, deletions. The
// number of requests in each of them depends on the provider; cloud_metrics.hpp counts those.
#pragma once

#include <memory>

#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::assembly {

// Wraps a provider so that every operation of its Externals is counted:
// capstan_external_operations_total{plugin,kind,operation,outcome}, where operation is "get",
// "list" (one page), "find", "create", "adopt", "delete", "apply", "connect", "who_am_i",
// "list_associated" or "notices", and outcome "ok", "done", "not_found", "wait", "rejected",
// "unknown" or the name of an error code; and
// capstan_external_operation_duration_seconds{plugin,operation}.
//
// Thread-safe. Clock and metrics must outlive the provider and what it creates.
std::unique_ptr<external::Provider> MeasureOperations(std::unique_ptr<external::Provider> provider,
                                                      const Clock& clock, runtime::Metrics& metrics);

}  // namespace capstan::assembly
