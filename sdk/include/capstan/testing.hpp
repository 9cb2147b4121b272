// What tests of operators include: Cluster, a Kubernetes API in this process, and Explore, which
// tries everything that can go wrong. See docs/embedding.md.
#pragma once

#include <capstan/testing/cluster.hpp>
#include <capstan/testing/explore.hpp>
