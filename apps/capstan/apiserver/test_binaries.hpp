// The program under another name: as kube-apiserver and etcd it accepts the flags with which
// envtest, jenvtest and similar tools start them, and serves the embedded API. Errors: exit
// statuses. For the main thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::app {

// Runs until a signal when `program` is a path to one of the two names; otherwise returns nullopt.
std::optional<int> RunAsTestBinary(std::string_view program, const std::vector<std::string>& arguments);

// Parses "--name=value", "--name value" and "--name", the flag syntax of both programs; the last
// flag of a name counts. Pure.
std::map<std::string, std::string> ReadTestFlags(const std::vector<std::string>& arguments);

// Writes `directory`/kube-apiserver and etcd, which start this program. Errors: kUnavailable.
Status WriteTestBinaries(const std::string& directory, Files& files);

}  // namespace capstan::app
