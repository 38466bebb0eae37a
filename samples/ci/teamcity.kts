import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildSteps.*

version = "2024.12"

project {
    buildType {
        name = "Tests"
        artifactRules = "**/target/dsql-reach/*.html => dsql-reach"
        params {
            param("env.DSQL_REACH_VERSION", "0.1.0-SNAPSHOT")
            param("env.DSQL_REACH_SUMMARY", "doctor")
        }
        vcs { root(DslContext.settingsRoot) }
        steps {
            maven { goals = "clean verify" }
            script {
                name = "What the tests found about DSQL"
                executionMode = BuildStep.ExecutionMode.ALWAYS
                scriptContent = """
                    mvn -B -q dependency:copy -Dartifact=io.github.dsqlreach:dsql-reach:${'$'}DSQL_REACH_VERSION:jar:cli -DoutputDirectory=target
                    java -jar target/dsql-reach-${'$'}DSQL_REACH_VERSION-cli.jar summary --min-run 80%%
                """.trimIndent()
            }
        }
    }
}
