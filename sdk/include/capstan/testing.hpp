// What tests of operators include: Cluster, a Kubernetes API in this process. See docs/embedding.md.
#pragma once

#include <capstan/testing/cluster.hpp>
