// What may not go together in the options of a list or a watch. Pure; thread-safe.
#pragma once

#include <capstan/local/apiserver/api/error.hpp>
#include <capstan/local/apiserver/requests/request_info.hpp>

namespace capstan::apiserver {

// 422 with all that is wrong, for a request whose verb is list or watch.
Done CheckListOptions(const RequestInfo& info);
// Whether a watch begins with the state: it says so, or it names no version to go on from.
bool BeginsWithState(const RequestInfo& info);

}  // namespace capstan::apiserver
