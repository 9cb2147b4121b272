// Rules of Kubernetes' types that a line of checks.cpp cannot express: each function validates one
// value of a type. For schema/kinds/ only. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>

namespace capstan::apiserver {

struct KindJudge {
  std::string_view type;
  void (*judge)(const json::ObjectPtr& value, const std::string& path, std::vector<FieldError>& errors);
};

std::vector<KindJudge> PodJudges();
std::vector<KindJudge> ContainerJudges();
std::vector<KindJudge> VolumeJudges();
std::vector<KindJudge> SchedulingJudges();
std::vector<KindJudge> WorkloadJudges();
std::vector<KindJudge> ServiceJudges();
std::vector<KindJudge> LimitJudges();
std::vector<KindJudge> NetworkJudges();
std::vector<KindJudge> WebhookJudges();

FieldError DuplicateField(std::string field, const json::Tree& value);
FieldError NotFoundField(std::string field, const json::Tree& value);

}  // namespace capstan::apiserver
