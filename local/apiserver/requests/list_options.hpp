// Validates the combination of options of a list or a watch. Pure; thread-safe.
#pragma once

#include <capstan/local/apiserver/api/error.hpp>
#include <capstan/local/apiserver/requests/request_info.hpp>

namespace capstan::apiserver {

// 422 with all problems, for a request whose verb is list or watch.
Done CheckListOptions(const RequestInfo& info);
// Whether a watch starts with the current state: it requests that, or names no version to continue
// from.
bool BeginsWithState(const RequestInfo& info);

}  // namespace capstan::apiserver
