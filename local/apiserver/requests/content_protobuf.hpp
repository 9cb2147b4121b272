// The two kinds that kubectl from 1.32 on sends as protobuf whatever the server speaks: RoleBinding
// and ClusterRoleBinding, out of Kubernetes' envelope ("k8s\0" and runtime.Unknown). Pure;
// thread-safe.
#pragma once

#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

constexpr std::string_view kProtobufType = "application/vnd.kubernetes.protobuf";
bool IsReadAsProtobuf(std::string_view kind);

// The object as JSON would have had it: names, labels, annotations, subjects and role; what kubectl
// leaves empty is left out. Errors: kInvalidArgument (cut, or no such envelope).
Result<json::ObjectPtr> DecodeBinding(std::string_view body);

}  // namespace capstan::apiserver
