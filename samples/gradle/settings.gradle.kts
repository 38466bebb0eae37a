rootProject.name = "first"

dependencyResolutionManagement {
    repositories {
        mavenLocal { content { includeGroup("io.github.dsqlreach") } } // Until it is published.
        mavenCentral()
    }
}
